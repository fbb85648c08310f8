import { compile } from '@lemmata/compile';
import type { Columns } from '@lemmata/data';
import type { Layer } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { columnTensor, firstTwo, macrotask, type Example } from './batch.js';
import type { Metric } from './metrics/index.js';
import type { Batches } from './loop.js';
import { sumsOf, Totals, type Means, type Sums } from './totals.js';

export interface EvaluateOptions<P, S, B extends Columns> {
  /** What is evaluated. */
  readonly model: Layer<P, S>;
  /** Its parameters. */
  readonly params: P;
  /** Its state: running statistics. */
  readonly state: S;
  /** Mean loss of a batch, a scalar. */
  readonly loss: (output: Tensor, target: Tensor) => Tensor;
  /** One epoch of these is read, number 0. */
  readonly batches: Batches<B>;
  /** Reported beside the loss, by name. Default: none. */
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Input and target in a batch. Default: its first two columns. */
  readonly example?: Example<B>;
  /** Sees each batch's output, with its target. Default: nobody does. */
  readonly onBatch?: (output: Tensor, target: Tensor) => void;
}

/** Means of loss and metrics over all samples, in inference mode; of no batch at all `size` is 0 and the loss NaN. Parameters, state and keys stay as they are. */
export async function evaluate<P, S, B extends Columns>(
  options: EvaluateOptions<P, S, B>,
): Promise<Means & { readonly size: number }> {
  unknownOptions('evaluate', options, ['model', 'params', 'state', 'loss', 'batches', 'metrics', 'example', 'onBatch']);
  const { model, params, state, loss, batches, metrics = {}, example = firstTwo as Example<B>, onBatch } = options;
  const forward = (p: P, s: S, x: Tensor, y: Tensor): [Tensor, Sums] => {
    const [output] = model.apply(p, s, x, { train: false });
    return [output, { loss: loss(output, y), metrics: sumsOf(metrics, output, y) }];
  };
  const program = compile(forward, { name: 'evaluation' });
  const total = new Totals();
  for await (const batch of batches.epoch(0)) {
    const [x, y] = example(batch).map(columnTensor) as [Tensor, Tensor];
    const [output, sums] = program(params, state, x, y);
    total.add(sums, x.shape[0]!);
    onBatch?.(output, y);
    await macrotask();
  }
  return { ...total.means(), size: total.size };
}

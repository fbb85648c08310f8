import { valueAndGrad } from '@lemmata/autograd';
import { compile, NonFiniteError, type Compiled } from '@lemmata/compile';
import type { Columns } from '@lemmata/data';
import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import { unknownOptions, type Shape } from '@lemmata/shape';
import { cast, key as keyOf, splitKey, sum, type Tensor } from '@lemmata/tensor';
import { columnTensor, firstTwo, macrotask, type Example } from './batch.js';
import type { Metric } from './metrics/index.js';

/** Everything that a step changes: a plain tree, which is also what a checkpoint holds. */
export interface TrainState<P = any, S = any, O = any> {
  readonly params: P;
  /** Of the model's layers, such as running statistics. */
  readonly state: S;
  readonly optimizer: O;
  /** What the next step's randomness is drawn from. */
  readonly key: Tensor;
}

/** Epochs of batches, such as a `Loader` of `@lemmata/data`. */
export interface Batches<B extends Columns = Columns> {
  /** Batches an epoch. */
  readonly steps: number;
  epoch(epoch: number, options?: { readonly from?: number }): Iterable<B> | AsyncIterable<B>;
}

/** Where training stands: the epoch and the steps of it that are done. */
export interface Cursor {
  readonly epoch: number;
  readonly step: number;
}

export interface TrainOptions<P, S, O, B extends Columns> {
  readonly model: Layer<P, S>;
  /** Mean loss of a batch, a scalar. */
  readonly loss: (output: Tensor, target: Tensor) => Tensor;
  readonly optimizer: Optimizer<O>;
  readonly batches: Batches<B>;
  readonly epochs: number;
  /** Of parameters and of the randomness in steps; the order of the data has a key of its own in the loader. */
  readonly seed: number;
  /** Reported beside the loss, by name. Default: none. */
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Input and target in a batch. Default: its first two columns. */
  readonly example?: Example<B>;
  /** Go on from here instead of from a fresh start. */
  readonly from?: { readonly state: TrainState<P, S, O>; readonly cursor: Cursor };
}

export interface Means {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** After every step, and after the last one of an epoch. `cursor` is where training goes on from `state`. */
export type TrainEvent<P = any, S = any, O = any> = Means & {
  /** `step`: means over the batch. `epoch`: over all samples of the epoch since it was begun or resumed. */
  readonly kind: 'step' | 'epoch';
  readonly epoch: number;
  /** In the epoch, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Samples that the means are over. */
  readonly size: number;
  readonly cursor: Cursor;
  /** Valid until the next step, which takes its memory over: copy what is to be kept. */
  readonly state: TrainState<P, S, O>;
};

/** Training stopped at a value that is not finite; the state of the event before is unharmed. */
export class TrainingError extends Error {
  override readonly name: string = 'TrainingError';
  readonly epoch: number;
  readonly step: number;

  constructor(epoch: number, step: number, cause: NonFiniteError) {
    super(`training stopped at epoch ${epoch}, step ${step}: ${cause.message}`, { cause });
    this.epoch = epoch;
    this.step = step;
  }
}

/** A fresh start: drawn parameters, an optimiser at rest, the key of the first step. */
export function initialState<P, S, O>(
  model: Layer<P, S>,
  optimizer: Optimizer<O>,
  inputShape: Shape,
  seed: number,
): TrainState<P, S, O> {
  const [forParams, forSteps] = splitKey(keyOf(seed), 2) as [Tensor, Tensor];
  const { params, state } = model.init(forParams, inputShape);
  return { params, state, optimizer: optimizer.init(params), key: forSteps };
}

/**
 * Trains a model, step by step: `for await (const event of train({ … })) …`. Leaving the loop stops; `state` and
 * `cursor` of the last event are what to go on from, bit for bit. The event loop gets its turn after every step.
 *
 * Each step is one compiled program: forward, loss, backward, update.
 *
 * @throws TrainingError at the first value that is not finite, naming op and step.
 */
export async function* train<P, S, O, B extends Columns>(
  options: TrainOptions<P, S, O, B>,
): AsyncGenerator<TrainEvent<P, S, O>, void, void> {
  unknownOptions('train', options, [
    'model',
    'loss',
    'optimizer',
    'batches',
    'epochs',
    'seed',
    'metrics',
    'example',
    'from',
  ]);
  const { model, optimizer, batches, epochs, example = firstTwo as Example<B>, from } = options;
  if (!Number.isInteger(epochs) || epochs < 0) throw new RangeError(`train: epochs is a count, received ${epochs}`);
  const step = trainingStep(options);
  let state = from?.state;
  const start = from?.cursor ?? { epoch: 0, step: 0 };
  for (let epoch = start.epoch; epoch < epochs; epoch++) {
    let done = epoch === start.epoch ? start.step : 0;
    const total = new Totals();
    for await (const batch of batches.epoch(epoch, { from: done })) {
      const [x, y] = example(batch).map(columnTensor) as [Tensor, Tensor];
      state ??= initialState(model, optimizer, x.shape.slice(1), options.seed);
      const size = x.shape[0]!;
      let sums: Sums;
      try {
        [state, sums] = step(state, x, y);
      } catch (error) {
        throw error instanceof NonFiniteError ? new TrainingError(epoch, done + 1, error) : error;
      }
      done++;
      const means = total.add(sums, size);
      const cursor = done < batches.steps ? { epoch, step: done } : { epoch: epoch + 1, step: 0 };
      yield { kind: 'step', epoch, step: done, steps: batches.steps, size, cursor, state, ...means };
      await macrotask();
    }
    if (state !== undefined && total.size > 0) {
      yield {
        kind: 'epoch',
        epoch,
        step: done,
        steps: batches.steps,
        size: total.size,
        cursor: { epoch: epoch + 1, step: 0 },
        state,
        ...total.means(),
      };
    }
  }
}

/** What a program reports of a batch: its mean loss, and the sum of each metric. */
export interface Sums {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** One step as one compiled program, in place of the state that it is given. */
export function trainingStep<P, S, O>(
  options: Pick<TrainOptions<P, S, O, never>, 'model' | 'loss' | 'optimizer' | 'metrics'>,
): Compiled<[TrainState<P, S, O>, Tensor, Tensor], [TrainState<P, S, O>, Sums]> {
  const { model, loss, optimizer, metrics = {} } = options;
  const step = (
    { params, state, optimizer: memory, key }: TrainState<P, S, O>,
    x: Tensor,
    y: Tensor,
  ): [TrainState<P, S, O>, Sums] => {
    const [forNext, forThis] = splitKey(key, 2) as [Tensor, Tensor];
    const objective = (p: P): [Tensor, { output: Tensor; state: S }] => {
      const [output, next] = model.apply(p, state, x, { train: true, key: forThis });
      return [loss(output, y), { output, state: next }];
    };
    const { value, aux, grads } = valueAndGrad(objective)(params);
    const [nextParams, nextMemory] = optimizer.update(grads, memory, params);
    return [
      { params: nextParams, state: aux.state, optimizer: nextMemory, key: forNext },
      { loss: value, metrics: sumsOf(metrics, aux.output, y) },
    ];
  };
  return compile(step, { donate: 1, name: 'training step' });
}

/** The sum over a batch of each metric, which gives one value a sample. */
export function sumsOf(
  metrics: Readonly<Record<string, Metric>>,
  output: Tensor,
  target: Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, sum(cast(metric(output, target), 'float32'))]),
  );
}

/** Means over samples: a last, smaller batch counts by its size. */
export class Totals {
  size = 0;
  private loss = 0;
  private readonly sums: Record<string, number> = {};

  /** Adds a batch and returns its own means. */
  add(sums: Sums, size: number): Means {
    const loss = sums.loss.item();
    this.size += size;
    this.loss += loss * size;
    const metrics: Record<string, number> = {};
    for (const [name, value] of Object.entries(sums.metrics)) {
      const total = value.item();
      this.sums[name] = (this.sums[name] ?? 0) + total;
      metrics[name] = total / size;
    }
    return { loss, metrics };
  }

  means(): Means {
    const metrics = Object.fromEntries(Object.entries(this.sums).map(([name, total]) => [name, total / this.size]));
    return { loss: this.loss / this.size, metrics };
  }
}

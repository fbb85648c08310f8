import type { Columns } from '@lemmata/data';
import type { Optimizer } from '@lemmata/optim';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { firstTwo, type Example } from './batch.js';
import { loop, type Batches, type Cursor, type LoopEvent } from './loop.js';
import { placed } from './placed.js';
import { initialState, trainingStep, type SupervisedOptions, type TrainState } from './step.js';

export interface TrainOptions<P, S, O, B extends Columns> extends SupervisedOptions<P, S> {
  /** How parameters follow from their gradients: `sgd`, `adam`, … */
  readonly optimizer: Optimizer<O>;
  /** Batches, epoch by epoch: a `Loader` of `@lemmata/data`, say. */
  readonly batches: Batches<B>;
  /** How many epochs, those before `from` counted. */
  readonly epochs: number;
  /** Of parameters and of the randomness in steps; the order of the data has a key of its own in the loader. */
  readonly seed: number;
  /** Input and target in a batch. Default: its first two columns. */
  readonly example?: Example<B>;
  /** Go on from here. Default: from a fresh start. */
  readonly from?: { readonly state: TrainState<P, S, O>; readonly cursor: Cursor };
  /**
   * Where the steps run, such as `wasmBackend()`: the state that training begins with is put there. Default: where that of `from` lies; of a
   * fresh start, in plain JavaScript.
   */
  readonly backend?: { put(tensor: Tensor): Tensor };
}

export type TrainEvent<P = any, S = any, O = any> = LoopEvent<TrainState<P, S, O>>;

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
    'backend',
  ]);
  const {
    model,
    loss,
    optimizer,
    batches,
    epochs,
    seed,
    metrics = {},
    example = firstTwo as Example<B>,
    from,
    backend,
  } = options;
  const fresh = (x: Tensor): TrainState<P, S, O> => initialState(model, optimizer, x.shape.slice(1), seed);

  yield* loop<TrainState<P, S, O>, B>({
    step: trainingStep({ model, loss, metrics, optimizer }),
    state: ([x]) => {
      const state = from?.state ?? fresh(x!);
      return backend === undefined ? state : placed(state, backend);
    },
    batches,
    epochs,
    columns: example,
    ...(from === undefined ? {} : { cursor: from.cursor }),
  });
}

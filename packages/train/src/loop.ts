import { NonFiniteError } from '@lemmata/compile';
import type { Column, Columns } from '@lemmata/data';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { columnTensor, macrotask } from './batch.js';
import { Totals, type Means, type Sums } from './totals.js';

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

/** Throws a RangeError unless a cursor is of counts. */
export function checkCursor(op: string, { epoch, step }: Cursor): void {
  for (const [name, count] of Object.entries({ epoch, step }))
    if (!Number.isSafeInteger(count) || count < 0)
      throw new RangeError(`${op}: received a cursor whose ${name} is ${String(count)}; expected a count, from 0`);
}

/** After every step, and after the last one of an epoch. `cursor` is where training goes on from `state`. */
export type LoopEvent<T> = Means & {
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
  readonly state: T;
};

/** Training stopped at a value that is not finite; the state of the event before is unharmed. */
export class TrainingError extends Error {
  override readonly name: string = 'TrainingError';
  /** From 0. */
  readonly epoch: number;
  /** In the epoch, from 1. */
  readonly step: number;

  constructor(epoch: number, step: number, cause: NonFiniteError) {
    // People count epochs from 1, as the steps are.
    super(`training stopped in epoch ${epoch + 1}, step ${step}: ${cause.message}`, { cause });
    this.epoch = epoch;
    this.step = step;
  }
}

export interface LoopOptions<T, B extends Columns> {
  /** What takes a state and the tensors of a batch to the next state: see `compiledStep`. */
  readonly step: (state: T, ...batch: Tensor[]) => [T, Sums];
  /** To start with, or how to make it once the first batch is seen. */
  readonly state: T | ((batch: readonly Tensor[]) => T);
  /** Batches, epoch by epoch: a `Loader` of `@lemmata/data`, say. */
  readonly batches: Batches<B>;
  /** How many epochs, those before `cursor` counted. */
  readonly epochs: number;
  /** The columns of a batch that a step reads. Default: all, in their order. The first one's first axis counts samples. */
  readonly columns?: (batch: B) => readonly Column[];
  /** Go on from here. Default: from the first step. */
  readonly cursor?: Cursor;
}

/**
 * The loop around any step: yields after every step and epoch. Leaving it stops; `state` and `cursor` of the last
 * event are what to go on from, bit for bit. The event loop gets its turn after every step.
 *
 * @throws TrainingError at the first value that is not finite, naming op and step.
 */
export async function* loop<T, B extends Columns>(
  options: LoopOptions<T, B>,
): AsyncGenerator<LoopEvent<T>, void, void> {
  unknownOptions('loop', options, ['step', 'state', 'batches', 'epochs', 'columns', 'cursor']);
  const { step, batches, epochs, columns = (batch: B) => Object.values(batch) } = options;
  if (!Number.isInteger(epochs) || epochs < 0) throw new RangeError(`train: epochs is a count, received ${epochs}`);
  const { cursor: start = { epoch: 0, step: 0 } } = options;
  checkCursor('train', start);
  let state = typeof options.state === 'function' ? undefined : options.state;
  for (let epoch = start.epoch; epoch < epochs; epoch++) {
    let done = epoch === start.epoch ? start.step : 0;
    const total = new Totals();
    for await (const batch of batches.epoch(epoch, { from: done })) {
      const tensors = columns(batch).map(columnTensor);
      state ??= (options.state as (batch: readonly Tensor[]) => T)(tensors);
      const size = tensors[0]!.shape[0]!;
      let sums: Sums;
      try {
        [state, sums] = step(state, ...tensors);
      } catch (error) {
        throw error instanceof NonFiniteError ? new TrainingError(epoch, done + 1, error) : error;
      }
      done++;
      const means = total.add(sums, size);
      const cursor = done < batches.steps ? { epoch, step: done } : { epoch: epoch + 1, step: 0 };
      yield { kind: 'step', epoch, step: done, steps: batches.steps, size, cursor, state, ...means };
      await macrotask();
    }
    if (total.size > 0) {
      yield {
        kind: 'epoch',
        epoch,
        step: done,
        steps: batches.steps,
        size: total.size,
        cursor: { epoch: epoch + 1, step: 0 },
        state: state as T,
        ...total.means(),
      };
    }
  }
}

import { foldIn, type Key, permutation } from '@lemmata/random';
import type { Columns } from './columns.js';
import type { Dataset } from './dataset.js';
import { DataError } from './error.js';
import { checkInteger, checkKeys } from './options.js';
import type { Transform } from './transform.js';

/** What {@link loader} takes beside the dataset. */
export interface LoaderOptions<C extends Columns, D extends Columns> {
  /** Samples a batch. */
  readonly batchSize: number;
  /** A key to draw each epoch in an order of its own, or false for the dataset's order. */
  readonly shuffle: Key | false;
  /** Leave out a last batch of fewer samples. Default false: the epoch ends with a smaller batch. */
  readonly dropLast?: boolean;
  /** Applied to each batch, such as `normalize(…)`. Default: none. */
  readonly transform?: Transform<C, D>;
}

/** Where an epoch starts. */
export interface EpochOptions {
  /** The first batch to yield, from 0 to the number of steps. Default 0. */
  readonly from?: number;
}

/** Epochs of batches. An epoch's order depends on the key and its number alone. */
export interface Loader<D extends Columns = Columns> {
  readonly batchSize: number;
  /** Samples in the dataset. */
  readonly samples: number;
  /** Batches an epoch: ⌈samples / batchSize⌉, or ⌊…⌋ with `dropLast`. */
  readonly steps: number;
  /** The order of the dataset's indices in epoch `epoch`, before `dropLast`. */
  order(epoch: number): Int32Array;
  /**
   * Batches of epoch `epoch` (from 0), in fresh arrays: every sample once, but for those that `dropLast` leaves out.
   * `epoch(e, { from: s })` goes on exactly where a run that took s steps stopped, and reads no batch before it.
   */
  epoch(epoch: number, options?: EpochOptions): Iterable<D>;
}

/** 2^31 − 1: epochs are folded into keys as 32-bit integers. */
export const LAST_EPOCH = 0x7fffffff;

/** Throws a TypeError unless `shuffle` is false or looks like a key. */
export function checkShuffle(op: string, shuffle: unknown): void {
  // Two int32 words.
  const isKey = Array.isArray(shuffle) && shuffle.length === 2 && shuffle.every((word) => (word | 0) === word);
  if (shuffle !== false && !isKey) {
    throw new TypeError(`${op}: received shuffle = ${String(shuffle)}; expected false or a key, such as key(0)`);
  }
}

/**
 * Batches of a dataset.
 *
 * @throws TypeError for an unknown option or a `shuffle` that is no key; RangeError for a batch size below 1, and a dataset without a length;
 * DataError for a dataset without samples, or where `dropLast` would leave out all of them.
 */
export function loader<C extends Columns, D extends Columns = C>(
  dataset: Dataset<C>,
  options: LoaderOptions<C, D>,
): Loader<D> {
  checkKeys('loader', options, ['batchSize', 'shuffle', 'dropLast', 'transform']);
  const { batchSize, shuffle, dropLast = false, transform } = options;
  checkInteger('loader', 'batchSize', batchSize, 1);
  checkShuffle('loader', shuffle);
  const samples = dataset.length;
  // Columns are none: what arrayDataset makes of them is.
  checkInteger('loader', 'dataset.length', samples, 0);
  const steps = dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
  if (steps === 0) {
    throw new DataError({
      source: 'loader',
      received: `${samples} samples with batchSize ${batchSize} and dropLast ${dropLast}`,
      expected: 'at least one batch an epoch',
    });
  }
  const order = (epoch: number): Int32Array => {
    checkInteger('loader', 'epoch', epoch, 0, LAST_EPOCH);
    return shuffle === false
      ? Int32Array.from({ length: samples }, (_, i) => i)
      : permutation(foldIn(shuffle, epoch), samples);
  };
  return {
    batchSize,
    samples,
    steps,
    order,
    epoch(epoch, epochOptions = {}) {
      checkKeys('loader.epoch', epochOptions, ['from']);
      const { from = 0 } = epochOptions;
      checkInteger('loader.epoch', 'from', from, 0, steps);
      const indices = order(epoch);
      return {
        *[Symbol.iterator]() {
          for (let step = from; step < steps; step++) {
            const chosen = indices.slice(step * batchSize, (step + 1) * batchSize);
            const batch = dataset.batch(chosen);
            yield transform === undefined
              ? (batch as unknown as D)
              : transform(batch, { epoch, step, indices: chosen });
          }
        },
      };
    },
  };
}

import { foldIn, type Key, permutation } from '@lemmata/random';
import { type Columns, stack } from './columns.js';
import { DataError } from './error.js';
import { checkShuffle, type EpochOptions, LAST_EPOCH } from './loader.js';
import { checkInteger, checkKeys } from './options.js';
import type { Transform } from './transform.js';

/** Samples that arrive one after the other, such as from a network or a file too large for memory. */
export interface StreamDataset<C extends Columns = Columns> {
  /** The number of samples, where known beforehand; an epoch that yields another number then throws. */
  readonly length?: number;
  /** Starts reading again from the first sample. Must yield the same samples in the same order for the same epoch. */
  open(epoch: number): AsyncIterable<C> | Iterable<C>;
}

/** What {@link streamLoader} takes beside the dataset. */
export interface StreamLoaderOptions<C extends Columns, D extends Columns> {
  /** Samples a batch. */
  readonly batchSize: number;
  /**
   * False for the stream's order, or a key and the number of samples to hold and draw from. A sample leaves at most
   * `2 · buffer − 1` samples after it came; a stream of up to `buffer` samples is shuffled wholly.
   */
  readonly shuffle: { readonly key: Key; readonly buffer: number } | false;
  /** Leave out a last batch of fewer samples. Default false. */
  readonly dropLast?: boolean;
  /** Applied to each batch. Default: none. */
  readonly transform?: Transform<C, D>;
}

/** Epochs of batches of a stream. An epoch's order depends on the key, its number and the buffer's size alone. */
export interface StreamLoader<D extends Columns = Columns> {
  readonly batchSize: number;
  /** Batches an epoch, or undefined where the stream does not tell its length. */
  readonly steps: number | undefined;
  /**
   * Batches of epoch `epoch` (from 0), in fresh arrays, every sample once. With `from` the stream is read from its
   * start and the batches before are dropped untransformed. Leaving the loop early closes the stream.
   */
  epoch(epoch: number, options?: EpochOptions): AsyncIterable<D>;
}

/** A sample with its place in the stream. */
interface Placed<C> {
  readonly index: number;
  readonly sample: C;
}

/**
 * Batches of a stream, shuffled in bounded memory.
 *
 * @throws TypeError for an unknown option or a `shuffle` that holds no key; RangeError for sizes below 1; while
 * reading, DataError for samples that do not fit together, for a stream that ends before its first whole batch or before
 * `from`, and where the number of samples is not the stream's length.
 */
export function streamLoader<C extends Columns, D extends Columns = C>(
  dataset: StreamDataset<C>,
  options: StreamLoaderOptions<C, D>,
): StreamLoader<D> {
  checkKeys('streamLoader', options, ['batchSize', 'shuffle', 'dropLast', 'transform']);
  const { batchSize, shuffle, dropLast = false, transform } = options;
  checkInteger('streamLoader', 'batchSize', batchSize, 1);
  if (shuffle !== false) {
    checkKeys('streamLoader, shuffle', shuffle, ['key', 'buffer']);
    checkShuffle('streamLoader', shuffle.key);
    checkInteger('streamLoader', 'buffer', shuffle.buffer, 1);
  }
  const { length } = dataset;
  if (length !== undefined) checkInteger('streamLoader', 'length', length, 0);
  const steps = length === undefined ? undefined : (dropLast ? Math.floor : Math.ceil)(length / batchSize);
  return {
    batchSize,
    steps,
    epoch(epoch, epochOptions = {}) {
      checkKeys('streamLoader.epoch', epochOptions, ['from']);
      const { from = 0 } = epochOptions;
      checkInteger('streamLoader.epoch', 'epoch', epoch, 0, LAST_EPOCH);
      checkInteger('streamLoader.epoch', 'from', from, 0, steps);
      const ordered = (): AsyncIterable<Placed<C>> => {
        const placed = counted(dataset, epoch);
        return shuffle === false ? placed : drawn(placed, foldIn(shuffle.key, epoch), shuffle.buffer);
      };
      const finish = (held: readonly Placed<C>[], step: number): D => {
        const batch = stack(held.map(({ sample }) => sample));
        if (transform === undefined) return batch as unknown as D;
        return transform(batch, { epoch, step, indices: Int32Array.from(held, ({ index }) => index) });
      };
      return {
        async *[Symbol.asyncIterator]() {
          let step = 0;
          let held: Placed<C>[] = [];
          for await (const placed of ordered()) {
            held.push(placed);
            if (held.length < batchSize) continue;
            if (step >= from) yield finish(held, step);
            step++;
            held = [];
          }
          const partial = held.length > 0 && !dropLast;
          const total = step + (partial ? 1 : 0);
          if (total === 0 || from > total) {
            throw new DataError({
              source: `stream, epoch ${epoch}`,
              received: `${total} batches of ${batchSize}`,
              expected: `at least ${Math.max(from, 1)}`,
            });
          }
          if (partial && step >= from) yield finish(held, step);
        },
      };
    },
  };
}

/** The samples with their places in the stream, checked against its length. */
async function* counted<C extends Columns>(dataset: StreamDataset<C>, epoch: number): AsyncGenerator<Placed<C>> {
  let index = 0;
  const wrong = (received: string): DataError =>
    new DataError({ source: `stream, epoch ${epoch}`, received, expected: `its length, ${dataset.length}` });
  for await (const sample of dataset.open(epoch)) {
    if (index === dataset.length) throw wrong(`more than ${index} samples`);
    yield { index, sample };
    index++;
  }
  if (dataset.length !== undefined && index < dataset.length) throw wrong(`${index} samples`);
}

/**
 * Shuffles through `size` slots: each new sample takes the place of a held one. Slots are visited in rounds, each a
 * fresh permutation, so that no sample can be held for ever.
 */
async function* drawn<S>(source: AsyncIterable<S>, key: Key, size: number): AsyncGenerator<S> {
  const slots: S[] = [];
  let visited = 0;
  let round!: Int32Array;
  for await (const sample of source) {
    if (slots.length < size) {
      slots.push(sample);
      continue;
    }
    if (visited % size === 0) round = permutation(foldIn(key, visited / size), size);
    const slot = round[visited++ % size]!;
    yield slots[slot]!;
    slots[slot] = sample;
  }
  const rest = permutation(foldIn(key, LAST_EPOCH), slots.length);
  for (const slot of rest) yield slots[slot]!;
}

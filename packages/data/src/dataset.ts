import { type Columns, gather, sampleCount } from './columns.js';
import { DataError } from './error.js';

/** Samples that can be read in any order. */
export interface Dataset<C extends Columns = Columns> {
  /** The number of samples. */
  readonly length: number;
  /** The samples at `indices`, in that order, as columns with a first axis of `indices.length`, in fresh arrays. */
  batch(indices: Int32Array): C;
}

/**
 * A dataset held in memory. The arrays are read in place, never copied whole or changed; batches are fresh arrays.
 *
 * @param columns named `{ data, shape }` whose first axes count the samples; what `readIdx` returns is one.
 * @throws DataError where a shape does not fit its data or the columns' sample counts differ.
 */
export function arrayDataset<C extends Columns>(columns: C): Dataset<C> {
  const length = sampleCount('arrayDataset', columns);
  return {
    length,
    batch(indices) {
      checkIndices('arrayDataset', indices, length);
      return gather(columns, indices);
    },
  };
}

/**
 * The samples of `dataset` at `indices`, in that order, such as one side of a validation split.
 *
 * @throws DataError where an index lies outside the dataset.
 */
export function subset<C extends Columns>(dataset: Dataset<C>, indices: ArrayLike<number>): Dataset<C> {
  // Before they are made int32, which takes the fraction of one and the upper bits of another away.
  checkIndices('subset', indices, dataset.length);
  const chosen = Int32Array.from(indices);
  return {
    length: chosen.length,
    batch(rows) {
      checkIndices('subset', rows, chosen.length);
      return dataset.batch(rows.map((row) => chosen[row]!));
    },
  };
}

function checkIndices(source: string, indices: ArrayLike<number>, length: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (Number.isInteger(index) && index >= 0 && index < length) continue;
    throw new DataError({ source, received: `index ${index}`, expected: `0 to ${length - 1}, for ${length} samples` });
  }
}

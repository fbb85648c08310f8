import { ValueError } from '@lemmata/shape';
import { tensor } from '../create.js';
import { isTensor, type NestedArray, type Tensor } from '../tensor.js';

/** Positions along an axis: an int32 tensor, or (nested) arrays of integers. */
export type Indices = Tensor | NestedArray | readonly number[];

export function indexTensor(op: string, indices: Indices): Tensor {
  if (isTensor(indices)) {
    if (indices.dtype !== 'int32')
      throw new TypeError(`${op}: indices are int32, received ${indices.dtype}; cast them with cast(indices, 'int32')`);
    return indices;
  }
  const exact = tensor(indices as NestedArray, { dtype: 'float64' }).dataSync();
  const wrong = exact.find((value) => !Number.isInteger(value));
  if (wrong !== undefined) throw new TypeError(`${op}: indices are integers, received ${wrong}`);
  return tensor(indices as NestedArray, { dtype: 'int32' });
}

/** What an op says to an index beyond its axis. */
export function outOfRange(op: string, index: number, axis: number, size: number): ValueError {
  return new ValueError(
    op,
    `index ${index} is out of range for axis ${axis} of size ${size}; indices count from 0 to ${size - 1}`,
  );
}

import { type DType, tensor, type Tensor } from '@lemmata/tensor';
import type { Entry } from './vectors.js';

/** Where the cases are run, and in which precision. */
export interface Engine {
  readonly backend: string;
  readonly float: 'float64' | 'float32';
  /** A tensor of a case: floats in the precision of the engine. */
  tensor(entry: Entry): Tensor;
}

/** The backends there are, with their precision. */
export const BACKENDS: Readonly<Record<string, Engine>> = {
  reference: engineOf('reference', 'float64'),
};

function engineOf(backend: string, float: Engine['float']): Engine {
  return {
    backend,
    float,
    tensor: ({ shape, dtype, data }) => tensor(data, { shape, dtype: dtypeOf(dtype, float) }),
  };
}

const dtypeOf = (dtype: Entry['dtype'], float: Engine['float']): DType =>
  dtype.startsWith('float') ? float : (dtype as DType);

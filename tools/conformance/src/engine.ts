import { fullBackend } from '@lemmata/cli/backend';
import { type DType, tensor, type Tensor, type TensorOptions } from '@lemmata/tensor';
import type { Entry } from './vectors.js';

/** Where the cases are run, and in which precision. */
export interface Engine {
  readonly backend: string;
  readonly float: 'float64' | 'float32';
  /** A tensor of a case: floats in the precision of the engine. */
  tensor(entry: Entry): Tensor;
  /** Ends its threads. */
  stop(): void;
}

type Make = (values: Entry['data'], options: TensorOptions) => Tensor;

/** The backends there are, by name; each is made when it is asked for. */
export const BACKENDS: Readonly<Record<string, () => Engine>> = {
  reference: () => engineOf('reference', 'float64', tensor),
  wasm: () => {
    // With the kernels of all layers, as the command has it.
    const wasm = fullBackend();
    return engineOf('wasm', 'float32', wasm.tensor, wasm.stop);
  },
};

function engineOf(backend: string, float: Engine['float'], make: Make, stop: () => void = () => {}): Engine {
  const dtypeOf = (dtype: Entry['dtype']): DType => (dtype === 'float64' || dtype === 'float32' ? float : dtype);
  return {
    backend,
    float,
    tensor: ({ shape, dtype, data }) => make(data, { shape, dtype: dtypeOf(dtype) }),
    stop,
  };
}

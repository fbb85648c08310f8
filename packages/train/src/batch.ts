import type { Column, Columns } from '@lemmata/data';
import { tensor, type DType, type Tensor } from '@lemmata/tensor';

/** Input and target of a batch, from its columns. */
export type Example<B> = (batch: B) => readonly [input: Column, target: Column];

/** The first two columns of a batch. */
export function firstTwo(batch: Columns): readonly [Column, Column] {
  const [input, target] = Object.values(batch);
  if (target === undefined) {
    throw new TypeError(
      `train: a batch needs two columns, input and target; received ${Object.keys(batch)[0] ?? 'none'}; say which with example`,
    );
  }
  return [input!, target];
}

/** A column as a tensor: floats stay, integers become int32. */
export function columnTensor({ data, shape }: Column): Tensor {
  const dtype: DType = data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32';
  return tensor(data as Float32Array, { shape, dtype });
}

/** Lets timers, signals and pages have their turn. */
export function macrotask(): Promise<void> {
  const { setImmediate, setTimeout } = globalThis as unknown as {
    setImmediate?: (f: () => void) => void;
    setTimeout: (f: () => void, ms: number) => void;
  };
  return new Promise((resolve) => (setImmediate === undefined ? setTimeout(resolve, 0) : setImmediate(resolve)));
}

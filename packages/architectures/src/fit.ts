import { pad, type Tensor } from '@lemmata/tensor';

/** [N, C, …] with these spatial sizes: rows and columns of zeros are added at the end, or taken away. */
export function fitTo(x: Tensor, sizes: readonly number[]): Tensor {
  const more = sizes.map((n, axis) => n - x.shape[axis + 2]!);
  return more.every((n) => n === 0) ? x : pad(x, [[0, 0], [0, 0], ...more.map((n) => [0, n] as [number, number])]);
}

import { imageGrid } from '@lemmata/visualize';

/** Grey images of 28×28, of values from 0 to 1, side by side. */
export function digits(images: ArrayLike<number>, title: string, columns = 10): string {
  const count = images.length / 784;
  return imageGrid({ images, shape: [count, 1, 28, 28], normalise: [0, 1], scale: 2, columns, title });
}

/** The first `count` rows of n values each, or as many as there are. */
export function firstRows(data: ArrayLike<number>, count: number, n = 784): number[] {
  return Array.from({ length: Math.min(count * n, data.length) }, (_, i) => data[i]!);
}

import { tensor, type Tensor } from '@lemmata/tensor';

export const SIDE = 28;

/** Images of 28×28, one behind the other, moved to the right; what comes in from the left is background. */
export function shifted(images: ArrayLike<number>, by: number, background: number): Float32Array {
  return Float32Array.from(images, (_, i) => (i % SIDE < by ? background : images[i - by]!));
}

export function asTensor(images: Float32Array): Tensor {
  return tensor(images, { shape: [images.length / SIDE ** 2, 1, SIDE, SIDE] });
}

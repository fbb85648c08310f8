import { key, matmul, randomNormal, reshape, sum, transpose } from '@lemmata/tensor';
import { bench, describe } from 'vitest';
import { convolution, inputGradient, weightGradient } from './op.js';

const attrs = {
  stride: [1, 1],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ] as const,
  groups: 1,
};

/** Of a bottleneck block: 1×1 convolutions beside the matrix products that they are. */
for (const [images, channels, filters, size] of [
  [2, 64, 256, 28],
  [2, 256, 64, 28],
  [2, 512, 512, 7],
] as const) {
  const [x, w, y] = [
    [images, channels, size, size],
    [filters, channels, 1, 1],
    [images, filters, size, size],
  ].map((shape, i) => randomNormal(key(i), shape));
  const [X, Y] = [x, y].map((t) => reshape(t, [images, t.shape[1], size * size]));
  const W = reshape(w, [filters, channels]);
  describe(`1×1, [${x.shape.join(', ')}] to ${filters} filters`, () => {
    bench('forward', () => void convolution(x, w, attrs).dataSync());
    bench('forward, matmul', () => void matmul(W, X).dataSync());
    bench('gradient of the input', () => void inputGradient(y, w, attrs, [size, size]).dataSync());
    bench('gradient of the input, matmul', () => void matmul(transpose(W), Y).dataSync());
    bench('gradient of the weights', () => void weightGradient(x, y, attrs, [1, 1]).dataSync());
    bench('gradient of the weights, matmul', () => void sum(matmul(Y, transpose(X)), { axis: 0 }).dataSync());
  });
}

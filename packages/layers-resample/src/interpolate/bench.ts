import { valueAndGrad } from '@lemmata/autograd';
import { key, randomNormal, sum, type Tensor } from '@lemmata/tensor';
import { bench, describe } from 'vitest';
import { interpolate, type InterpolateMode } from './interpolate.js';

for (const shape of [
  [1, 64, 56, 56],
  [8, 32, 32, 32],
]) {
  const x = randomNormal(key(1), shape);
  for (const mode of ['nearest', 'bilinear', 'bicubic'] as const satisfies readonly InterpolateMode[]) {
    describe(`[${shape.join(', ')}] doubled, ${mode}`, () => {
      bench('forward', () => void interpolate(x, { scaleFactor: 2, mode }).dataSync());
      bench('forward and gradient', () => {
        const step = valueAndGrad((a: Tensor) => sum(interpolate(a, { scaleFactor: 2, mode })));
        step(x).grads.dataSync();
      });
    });
  }
}

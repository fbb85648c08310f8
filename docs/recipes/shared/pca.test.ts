import { key, matmul, mul, randomNormal, tensor, transpose } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { pca, project } from './pca.js';

test('principal components: the directions of largest variance, orthonormal, about the mean', () => {
  // Four independent axes with deviations 8, 4, 1 and ½, moved away from 0.
  const noise = randomNormal(key(3), [4000, 4]);
  const x = mul(noise, tensor([1, 8, 0.5, 4]));
  const moved = tensor(
    Float32Array.from(x.dataSync(), (v, i) => v + [3, -2, 1, 5][i % 4]!),
    { shape: [4000, 4] },
  );
  const { mean, directions } = pca([moved], 2);
  mean.dataSync().forEach((v, i) => expect(v).toBeCloseTo([3, -2, 1, 5][i]!, 0));
  const d = directions.dataSync();
  expect(Math.abs(d[1 * 2]!)).toBeGreaterThan(0.999);
  expect(Math.abs(d[3 * 2 + 1]!)).toBeGreaterThan(0.99);
  const gram = matmul(transpose(directions), directions).dataSync();
  [1, 0, 0, 1].forEach((v, i) => expect(gram[i]).toBeCloseTo(v, 5));
  // What two components leave is the variance of the other two axes.
  const back = project(moved, { mean, directions }).dataSync();
  const error = Array.from(moved.dataSync()).reduce((sum, v, i) => sum + (v - back[i]!) ** 2, 0) / 4000;
  expect(error).toBeCloseTo(1.25, 0);
});

test('more components than rows span: the rest is nothing, and what the rows span comes back', () => {
  const x = tensor([
    [1, 2, 0, 4],
    [3, 2, 5, 4],
    [1, 2, 0, 4],
  ]);
  const found = pca([x], 3);
  const d = found.directions.dataSync();
  for (let row = 0; row < 4; row++) expect([d[3 * row + 1], d[3 * row + 2]]).toEqual([0, 0]);
  project(x, found)
    .dataSync()
    .forEach((v, i) => expect(v).toBeCloseTo(x.dataSync()[i]!, 5));
});

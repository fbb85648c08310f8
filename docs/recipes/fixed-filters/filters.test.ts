import { randomNormal, key, tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { GABOR, gaborMaps, haarInverse, haarMaps, sobelMaps } from './features.js';
import { gabor, haar } from './filters.js';

const image = (f: (x: number, y: number) => number, side = 24) =>
  tensor(
    Float32Array.from({ length: side * side }, (_, i) => f(i % side, Math.floor(i / side))),
    { shape: [1, 1, side, side] },
  );

test("Haar's kernels are orthonormal, so an image comes back from its maps", () => {
  const k = haar.kernels.dataSync();
  for (let a = 0; a < 4; a++)
    for (let b = 0; b < 4; b++) {
      const product = [0, 1, 2, 3].reduce((sum, i) => sum + k[a * 4 + i]! * k[b * 4 + i]!, 0);
      expect(product).toBe(a === b ? 1 : 0);
    }
  const x = randomNormal(key(1), [2, 1, 6, 8]);
  expect(haarMaps(x).shape).toEqual([2, 4, 3, 4]);
  const back = haarInverse(haarMaps(x)).dataSync();
  x.dataSync().forEach((v, i) => expect(back[i]).toBeCloseTo(Number(v), 5));
});

test("Sobel's slope of a ramp is 8 times its own, to one side alone", () => {
  const maps = sobelMaps(image((x) => 0.5 * x)).dataSync();
  const inside = (map: number): number => maps[map * 576 + 12 * 24 + 12]!;
  // To the right rising, down rising, to the right falling, down falling.
  expect([0, 1, 2, 3].map(inside)).toEqual([4, 0, 0, 0]);
});

test("Gabor's kernels have length 1 and no mean; they answer to waves of their own direction, wherever the crests lie", () => {
  const { kernels, names } = gabor({ directions: 4, size: 7, wavelength: 4, sigma: 2 });
  expect(names).toEqual([
    'even, 0°',
    'even, 45°',
    'even, 90°',
    'even, 135°',
    'odd, 0°',
    'odd, 45°',
    'odd, 90°',
    'odd, 135°',
  ]);
  const k = kernels.dataSync();
  for (let n = 0; n < names.length; n++) {
    const values = Array.from({ length: 49 }, (_, i) => k[n * 49 + i]!);
    expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 5);
    expect(Math.hypot(...values)).toBeCloseTo(1, 5);
  }
  const directions = GABOR.names.length / 2;
  const energies = [0, 1, 2].map((shift) => {
    const maps = gaborMaps(image((x) => Math.cos((2 * Math.PI * (x + shift)) / 6))).dataSync();
    return Array.from({ length: directions }, (_, d) => maps[d * 576 + 12 * 24 + 12]!);
  });
  for (const energy of energies) {
    expect(energy.indexOf(Math.max(...energy))).toBe(0);
    expect(energy[0]! / energy[directions / 2]!).toBeGreaterThan(10);
    expect(energy[0]! / energies[0]![0]!).toBeCloseTo(1, 1);
  }
});

import { tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  accuracy,
  bitsPerSymbol,
  confusionMatrix,
  dice,
  f1,
  iou,
  meanScore,
  perplexity,
  precision,
  psnr,
  recall,
  ssim,
  topK,
} from './index.js';

const values = (t: Tensor): number[] => Array.from(t.dataSync(), Number);

describe('accuracy and top-k', () => {
  const logits = tensor([
    [1, 3, 2, 0],
    [5, 5, 1, 0],
    [0, 0, 0, 0],
    [-1, -2, -3, 9],
  ]);
  const target = tensor([2, 1, 3, 3], { dtype: 'int32' });

  test('by hand: ranks 1, 1, 3 and 0 of the targets', () => {
    expect(accuracy(logits, target).toArray()).toEqual([false, false, false, true]);
    expect([1, 2, 3, 4].map((k) => values(topK(k)(logits, target)))).toEqual([
      [0, 0, 0, 1],
      [1, 1, 0, 1],
      [1, 1, 0, 1],
      [1, 1, 1, 1],
    ]);
  });

  test('with positions: the share of right ones', () => {
    // Two classes, two images of 2×2: the larger ones are classes 0, 1, 1, 1 and 0, 0, 0, 0.
    const maps = tensor([
      [
        [
          [2, 0],
          [0, 0],
        ],
        [
          [1, 1],
          [3, 1],
        ],
      ],
      [
        [
          [1, 1],
          [1, 1],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
    const truth = tensor(
      [
        [
          [0, 0],
          [1, 1],
        ],
        [
          [0, 1],
          [1, 1],
        ],
      ],
      { dtype: 'int32' },
    );
    expect(values(accuracy(maps, truth))).toEqual([0.75, 0.25]);
    expect(values(topK(1)(maps, truth))).toEqual([0.75, 0.25]);
    expect(values(topK(2)(maps, truth))).toEqual([1, 1]);
  });

  test('logits with NaN are never right, wherever it stands', () => {
    for (const row of [
      [NaN, 0],
      [0, NaN],
      [NaN, NaN],
    ]) {
      for (const c of [0, 1]) {
        for (const metric of [accuracy, topK(1), topK(2)])
          expect(values(metric(tensor([row]), tensor([c], { dtype: 'int32' })))).toEqual([0]);
      }
    }
    const rows = tensor([
      [NaN, 0],
      [0, 1],
    ]);
    expect(values(accuracy(rows, tensor([1, 1], { dtype: 'int32' })))).toEqual([0, 1]);
    expect(values(accuracy(tensor([[0, Infinity]]), tensor([1], { dtype: 'int32' })))).toEqual([1]);
  });

  test('k is a count', () => {
    for (const k of [0, 1.5, NaN]) expect(() => topK(k)).toThrow(`topK: k is a count of at least 1, received ${k}`);
  });
});

describe('scores of a confusion matrix', () => {
  // Class 0: 4 right, 1 taken for 1. Class 1: 2 right, 3 taken for 0. Class 2 never occurs and is never said.
  const actual = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
  const said = [0, 0, 0, 0, 1, 1, 1, 0, 0, 0];
  const matrix = confusionMatrix(actual, said, 3);

  test('rows are what is, columns what was said', () => {
    expect(matrix).toEqual([
      [4, 1, 0],
      [3, 2, 0],
      [0, 0, 0],
    ]);
    expect(() => confusionMatrix([0, 3], [0, 0], 3)).toThrow(/actual class 3 at 1; expected 0 to 2/);
    expect(() => confusionMatrix([-1], [0], 3)).toThrow(/actual class -1 at 0; expected 0 to 2/);
    expect(() => confusionMatrix([0, 1], [0, NaN], 3)).toThrow(/predicted class NaN at 1; expected 0 to 2/);
    expect(() => confusionMatrix([0], [], 3)).toThrow(/1 actual classes, but 0 predictions/);
  });

  test('an ignored class is not counted, whatever was said', () => {
    expect(confusionMatrix([0, 255, 1], [0, 1, 1], 2, { ignore: 255 })).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(() => confusionMatrix([0], [0], 1, { ignored: 0 } as never)).toThrow(
      "confusionMatrix: unknown option 'ignored'; did you mean 'ignore'? (it takes ignore)",
    );
  });

  test('by hand; a class without a score has NaN', () => {
    expect(precision(matrix)).toEqual([4 / 7, 2 / 3, NaN]);
    expect(recall(matrix)).toEqual([4 / 5, 2 / 5, NaN]);
    expect(f1(matrix)).toEqual([8 / 12, 4 / 8, NaN]);
    expect(iou(matrix)).toEqual([4 / 8, 2 / 6, NaN]);
    expect(dice(matrix)).toEqual(f1(matrix));
    // F1 is the harmonic mean of the two, and Dice 2·IoU / (1 + IoU).
    expect(f1(matrix)[0]).toBeCloseTo(2 / (7 / 4 + 5 / 4), 12);
    expect(dice(matrix)[1]).toBeCloseTo((2 * (1 / 3)) / (4 / 3), 12);
  });

  test('a mean over classes hides no class without a score', () => {
    expect(meanScore(iou(matrix))).toBeNaN();
    expect(meanScore(iou(matrix), [0, 1])).toBeCloseTo(5 / 12, 12);
    expect(meanScore([])).toBeNaN();
    expect(() => meanScore([1], [1])).toThrow('meanScore: no class 1; there are 1');
  });
});

describe('images', () => {
  test('PSNR by hand: an error of a tenth is 20 dB, halved 6.02 more', () => {
    expect(psnr([0, 0.5, 1], [0.1, 0.4, 0.9])).toBeCloseTo(20, 10);
    expect(psnr([0, 128], [16, 144], 255)).toBeCloseTo(20 * Math.log10(255 / 16), 10);
    expect(psnr([1, 2], [1, 2])).toBe(Infinity);
    expect(psnr([0, NaN], [0, 0])).toBeNaN();
    for (const [a, b] of [
      [[1], []],
      [[], []],
    ])
      expect(() => psnr(a!, b!)).toThrow(
        `psnr: needs as many values on both sides, at least one, received ${a!.length} and 0`,
      );
  });

  test('SSIM by hand: constant planes compare their means alone', () => {
    const [a, b] = [new Float64Array(144).fill(0.5), new Float64Array(144).fill(0.25)];
    const expected = (2 * 0.5 * 0.25 + 1e-4) / (0.25 + 0.0625 + 1e-4);
    expect(ssim(a, b, { height: 12, width: 12 })).toBeCloseTo(expected, 10);
  });

  test('SSIM by hand: one flat window of 1×1 has no variance; of 3×3 with a wide Gaussian it is nearly the plain one', () => {
    const a = [0, 0, 0, 0, 1, 0, 0, 0, 0];
    const b = [1, 1, 1, 1, 0, 1, 1, 1, 1];
    // Means 1/9 and 8/9, variances 8/81 both, covariance −8/81.
    const expected = ((2 * 8) / 81 + 1e-4) * ((-2 * 8) / 81 + 9e-4);
    const below = (65 / 81 + 1e-4) * ((2 * 8) / 81 + 9e-4);
    expect(ssim(a, b, { height: 3, width: 3, window: 3, sigma: 1e4 })).toBeCloseTo(expected / below, 6);
    const single = ssim(a, b, { height: 3, width: 3, window: 1 });
    expect(single).toBeCloseTo(1e-4 / (1 + 1e-4), 10);
  });

  test('SSIM is 1 for equal planes, symmetric, a mean over planes, and NaN for NaN', () => {
    const noise = (seed: number): number[] => Array.from({ length: 256 }, (_, i) => Math.sin(seed + i * i));
    const size = { height: 16, width: 16 };
    expect(ssim(noise(1), noise(1), size)).toBeCloseTo(1, 12);
    const one = ssim(noise(1), noise(2), size);
    expect(one).toBeLessThan(0.5);
    expect(ssim(noise(2), noise(1), size)).toBeCloseTo(one, 12);
    const both = ssim([...noise(1), ...noise(3)], [...noise(2), ...noise(3)], size);
    expect(both).toBeCloseTo((one + 1) / 2, 12);
    expect(ssim([NaN, ...noise(1).slice(1)], noise(1), size)).toBeNaN();
  });

  test('SSIM is the mean of what its definition says of each window, in planes that are not square', () => {
    const [height, width, window, sigma, peak] = [5, 7, 3, 0.8, 255];
    const noise = (seed: number) =>
      Array.from({ length: 2 * height * width }, (_, i) => 200 * Math.sin(seed + i * i) ** 2);
    const [a, b] = [noise(1), noise(2)];
    // In two dimensions at once, and variances about their means.
    const weight = (y: number, x: number): number => Math.exp(-((y - 1) ** 2 + (x - 1) ** 2) / (2 * sigma ** 2));
    const scores: number[] = [];
    for (const plane of [0, 1])
      for (let top = 0; top + window <= height; top++)
        for (let left = 0; left + window <= width; left++) {
          const places = Array.from({ length: 9 }, (_, i) => [Math.floor(i / 3), i % 3] as const);
          const total = places.reduce((sum, [y, x]) => sum + weight(y, x), 0);
          const over = (f: (i: number) => number): number =>
            places.reduce((sum, [y, x]) => sum + weight(y, x) * f((plane * height + top + y) * width + left + x), 0) /
            total;
          const [ma, mb] = [over((i) => a[i]!), over((i) => b[i]!)];
          const [va, vb] = [over((i) => (a[i]! - ma) ** 2), over((i) => (b[i]! - mb) ** 2)];
          const cov = over((i) => (a[i]! - ma) * (b[i]! - mb));
          const [c1, c2] = [(0.01 * peak) ** 2, (0.03 * peak) ** 2];
          scores.push(((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma ** 2 + mb ** 2 + c1) * (va + vb + c2)));
        }
    expect(scores).toHaveLength(30);
    const expected = scores.reduce((x, y) => x + y) / 30;
    expect(ssim(a, b, { height, width, window, sigma, peak })).toBeCloseTo(expected, 12);
  });

  test('SSIM takes a window of 11 and a deviation of 1.5 pixels where none is given', () => {
    const [a, b] = [1, 2].map((seed) => Array.from({ length: 132 }, (_, i) => Math.sin(seed + i * i)));
    const size = { height: 11, width: 12 };
    expect(ssim(a!, b!, size)).toBe(ssim(a!, b!, { ...size, window: 11, sigma: 1.5, peak: 1 }));
  });

  test('SSIM refuses what does not fit', () => {
    const size = { height: 3, width: 3 };
    const zeros = (length: number) => new Array<number>(length).fill(0);
    for (const [a, b] of [
      [2, 2],
      [0, 0],
      [9, 18],
      [10, 10],
    ] as const)
      expect(() => ssim(zeros(a), zeros(b), { ...size, window: 3 })).toThrow(
        `ssim: expected as many values on both sides, in planes of 3×3 = 9; received ${a} and ${b}`,
      );
    for (const window of [undefined, 2, 1.5, -1, 5])
      expect(() => ssim(zeros(15), zeros(15), { height: 3, width: 5, ...(window && { window }) })).toThrow(
        `ssim: the window is odd and at most 3×5, received ${window ?? 11}`,
      );
    expect(() => ssim(zeros(9), zeros(9), { ...size, windows: 3 } as never)).toThrow(
      "ssim: unknown option 'windows'; did you mean 'window'? (it takes height, width, peak, window, sigma)",
    );
  });
});

test('perplexity and bits: eight equally likely choices', () => {
  expect(perplexity(Math.log(8))).toBeCloseTo(8, 12);
  expect(bitsPerSymbol(Math.log(8))).toBeCloseTo(3, 12);
  expect([perplexity(NaN), bitsPerSymbol(NaN)]).toEqual([NaN, NaN]);
});

test('classes are counted, and a window has a width', () => {
  for (const classes of [0, 1.5, NaN])
    expect(() => confusionMatrix([0], [0], classes)).toThrow(
      `confusionMatrix: received ${classes} classes; expected a count of at least 1`,
    );
  for (const wrong of [{ sigma: 0 }, { sigma: -1 }, { peak: 0 }, { peak: NaN }])
    expect(() => ssim([1], [1], { height: 1, width: 1, window: 1, ...wrong })).toThrow(
      'ssim: sigma and peak are positive, received',
    );
});

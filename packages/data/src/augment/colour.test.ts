import { foldIn, key } from '@lemmata/random';
import { expect, test } from 'vitest';
import { colorJitter, type Image, type ImageChange } from './index.js';

const K = key(7);

test('brightness, contrast and saturation', () => {
  const pixel: Image = { data: Uint8Array.of(100, 200, 50), channels: 3, height: 1, width: 1 };
  expect([...colorJitter({ brightness: [1.5, 1.5] })(pixel, K).data]).toEqual([150, 255, 75]);
  const y = 0.299 * 100 + 0.587 * 200 + 0.114 * 50;
  expect([...colorJitter({ saturation: [0, 0] })(pixel, K).data]).toEqual(Array(3).fill(Math.round(y)));
  const two: Image = { data: Float32Array.of(0.2, 0.6), channels: 1, height: 1, width: 2 };
  const [a, b] = colorJitter({ contrast: [0.5, 0.5] })(two, K).data;
  expect([a, b]).toEqual([expect.closeTo(0.3, 6), expect.closeTo(0.5, 6)]);
  expect(() => colorJitter({ hue: 0.1 })(two, K)).toThrow(
    'colorJitter: saturation and hue need 3 channels, received 1',
  );
});

test('hue keeps the luma, a whole turn in thirds returns, grey stays grey', () => {
  const pixel: Image = { data: Float32Array.of(0.5, 0.4, 0.45), channels: 3, height: 1, width: 1 };
  const luma = ({ data }: Image): number => 0.299 * data[0]! + 0.587 * data[1]! + 0.114 * data[2]!;
  const third = colorJitter({ hue: [1 / 3, 1 / 3] });
  let turned = pixel;
  for (let i = 0; i < 3; i++) {
    turned = third(turned, K);
    expect(luma(turned)).toBeCloseTo(luma(pixel), 2);
    if (i < 2) expect(Math.abs(turned.data[0]! - 0.5)).toBeGreaterThan(0.01);
  }
  turned.data.forEach((v, i) => expect(v).toBeCloseTo(pixel.data[i]!, 2));
  const even: Image = { data: Uint8Array.of(90, 90, 90), channels: 3, height: 1, width: 1 };
  expect([...colorJitter({ hue: [0.3, 0.3] })(even, K).data]).toEqual([90, 90, 90]);
});

test('each factor is drawn for itself, evenly from its range', () => {
  const grey: Image = { data: Float32Array.of(0.25, 0.5), channels: 1, height: 1, width: 2 };
  const ranges = (change: ImageChange, measure: (image: Image) => number): number[] => {
    const values = Array.from({ length: 2000 }, (_, i) => measure(change(grey, foldIn(K, i))));
    return [Math.min(...values), values.reduce((a, b) => a + b) / 2000, Math.max(...values)];
  };
  const close = (...values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 1));
  const light = ({ data }: Image): number => data[0]! / 0.25;
  const spread = ({ data }: Image): number => (data[1]! - data[0]!) / 0.25;
  expect(ranges(colorJitter({ brightness: 0.5 }), light)).toEqual(close(0.5, 1, 1.5));
  expect(ranges(colorJitter({ brightness: 2 }), light)[0]).toBeLessThan(0.01);
  expect(ranges(colorJitter({ brightness: [0.5, 0.7] }), light)).toEqual(close(0.5, 0.6, 0.7));
  expect(ranges(colorJitter({ contrast: 0.5 }), spread)).toEqual(close(0.5, 1, 1.5));
  const both = Array.from({ length: 200 }, (_, i) => {
    const out = colorJitter({ brightness: 0.5, contrast: 0.5 })(grey, foldIn(K, i));
    return [(out.data[0]! + out.data[1]!) / 0.75, spread(out)] as const;
  });
  expect(both.some(([a, b]) => a < 0.8 && b / a > 1.2) && both.some(([a, b]) => a > 1.2 && b / a < 0.8)).toBe(true);
});

test('contrast is about the mean luma of three channels, the plain mean of others; saturation about the pixel’s', () => {
  const values = [0.2, 0.4, 0.6, 0.3, 0.5, 0.7];
  const lumas = [0, 1].map((i) => 0.299 * values[i]! + 0.587 * values[2 + i]! + 0.114 * values[4 + i]!);
  const three: Image = { data: Float64Array.from(values), channels: 3, height: 1, width: 2 };
  const luma = (lumas[0]! + lumas[1]!) / 2;
  const halved = values.map((v) => expect.closeTo(luma + (v - luma) / 2, 12));
  expect([...colorJitter({ contrast: [0.5, 0.5] })(three, K).data]).toEqual(halved);
  const greyer = values.map((v, k) => expect.closeTo(lumas[k % 2]! + (v - lumas[k % 2]!) / 2, 12));
  expect([...colorJitter({ saturation: [0.5, 0.5] })(three, K).data]).toEqual(greyer);
  const two: Image = { data: Float64Array.of(0.2, 0.4, 0.6, 0.3), channels: 2, height: 1, width: 2 };
  expect([...colorJitter({ contrast: [0, 0] })(two, K).data]).toEqual(Array(4).fill(expect.closeTo(0.375, 12)));
  const strong = [0.9, 0.1, 0.2].map((v) => Math.min(1, Math.max(0, 0.3506 + (v - 0.3506) * 4)));
  const red: Image = { data: Float64Array.of(0.9, 0.1, 0.2), channels: 3, height: 1, width: 1 };
  expect([...colorJitter({ saturation: [4, 4] })(red, K).data]).toEqual(strong.map((v) => expect.closeTo(v, 12)));
  const four: Image = { data: Float64Array.of(0.1, 0.2, 0.3, 0.4), channels: 4, height: 1, width: 1 };
  expect([...colorJitter({ brightness: [2, 2] })(four, K).data]).toEqual([0.2, 0.4, 0.6, 0.8]);
  // One after the other, each held between black and white.
  const bright = [0.4, 0.8, 1, 0.6, 1, 1];
  const grey = [0, 1].reduce(
    (sum, i) => sum + (0.299 * bright[i]! + 0.587 * bright[2 + i]! + 0.114 * bright[4 + i]!) / 2,
    0,
  );
  const expected = bright.map((v) => expect.closeTo(Math.min(1, Math.max(0, grey + (v - grey) * 3)), 12));
  expect([...colorJitter({ brightness: [2, 2], contrast: [3, 3] })(three, K).data]).toEqual(expected);
});

test('hue turns the plane of I and Q of the NTSC', () => {
  // https://en.wikipedia.org/wiki/YIQ: the matrix, and its inverse by Cramer's rule.
  const m = [
    [0.299, 0.587, 0.114],
    [0.596, -0.274, -0.322],
    [0.211, -0.523, 0.312],
  ] as const;
  const det = (a: number[][]): number =>
    a[0]![0]! * (a[1]![1]! * a[2]![2]! - a[1]![2]! * a[2]![1]!) -
    a[0]![1]! * (a[1]![0]! * a[2]![2]! - a[1]![2]! * a[2]![0]!) +
    a[0]![2]! * (a[1]![0]! * a[2]![1]! - a[1]![1]! * a[2]![0]!);
  const rgb = [0.6, 0.45, 0.3];
  const [y, p, q] = m.map((row) => row.reduce<number>((sum, v, c) => sum + v * rgb[c]!, 0)) as [number, number, number];
  for (const turn of [0.1, -0.2, 0.5]) {
    const [sin, cos] = [Math.sin(2 * Math.PI * turn), Math.cos(2 * Math.PI * turn)];
    const turned = [y, p * cos - q * sin, p * sin + q * cos];
    const expected = [0, 1, 2].map(
      (c) => det(m.map((row, r) => row.map((v, k) => (k === c ? turned[r]! : v)))) / det(m.map((row) => [...row])),
    );
    const pixel: Image = { data: Float64Array.from(rgb), channels: 3, height: 1, width: 1 };
    const { data } = colorJitter({ hue: [turn, turn] })(pixel, K);
    expect([...data]).toEqual(expected.map((v) => expect.closeTo(v, 2)));
  }
});

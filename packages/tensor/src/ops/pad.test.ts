import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tensor, zeros } from '../create.js';
import { pad, type PadOptions, type PadWidths } from './pad.js';

const line = (widths: PadWidths, options?: PadOptions): unknown => pad(tensor([1, 2, 3, 4]), widths, options).toArray();

test('C13: what lies around a line, in every mode', () => {
  expect(line([[2, 1]])).toEqual([0, 0, 1, 2, 3, 4, 0]);
  expect(line([[2, 1]], { value: 9 })).toEqual([9, 9, 1, 2, 3, 4, 9]);
  expect(line([[2, 3]], { mode: 'reflect' })).toEqual([3, 2, 1, 2, 3, 4, 3, 2, 1]);
  expect(line([[2, 5]], { mode: 'replicate' })).toEqual([1, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4]);
  expect(line([[4, 4]], { mode: 'circular' })).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
});

test('C13: circular on one side only', () => {
  expect(line([[2, 0]], { mode: 'circular' })).toEqual([3, 4, 1, 2, 3, 4]);
  expect(line([[0, 2]], { mode: 'circular' })).toEqual([1, 2, 3, 4, 1, 2]);
});

test('C13: rows and columns keep their own widths, corners are wrapped twice', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const wrapped = pad(
    x,
    [
      [1, 0],
      [0, 2],
    ],
    { mode: 'circular' },
  );
  expect(wrapped.toArray()).toEqual([
    [4, 5, 6, 4, 5],
    [1, 2, 3, 1, 2],
    [4, 5, 6, 4, 5],
  ]);
});

test('negative widths take elements away; circular repeats what is left', () => {
  expect(line([[-1, 2]])).toEqual([2, 3, 4, 0, 0]);
  expect(line([[-4, 0]])).toEqual([]);
  expect(line([[-1, 2]], { mode: 'reflect' })).toEqual([2, 3, 4, 3, 2]);
  expect(line([[5, -4]], { mode: 'replicate' })).toEqual([1, 1, 1, 1, 1]);
  expect(line([[-1, 1]], { mode: 'circular' })).toEqual([2, 3, 4, 2]);
});

test('no widths change nothing, not even the object', () => {
  const x = tensor([1, 2]);
  for (const mode of ['constant', 'reflect', 'replicate', 'circular'] as const) expect(pad(x, 0, { mode })).toBe(x);
  expect(pad(zeros([0, 3]), [0, 1], { mode: 'reflect' }).shape).toEqual([0, 5]);
});

test('reflecting and wrapping are periodic: what is added lies a period away', () => {
  const widths = fc.record({ n: fc.integer({ min: 2, max: 6 }), before: fc.nat(5), after: fc.nat(5) });
  fc.assert(
    fc.property(widths, ({ n, before, after }) => {
      const x = Array.from({ length: n }, (_, i) => i);
      const [a, b] = [Math.min(before, n - 1), Math.min(after, n - 1)];
      const padded = (mode: 'reflect' | 'circular'): number[] =>
        pad(tensor(x), [[a, b]], { mode }).toArray() as number[];
      // A triangle wave of period 2(n − 1), and a saw of period n.
      const mod = (i: number, m: number): number => ((i % m) + m) % m;
      padded('reflect').forEach((v, j) => expect(v).toBe(n - 1 - Math.abs(n - 1 - mod(j - a, 2 * (n - 1)))));
      padded('circular').forEach((v, j) => expect(v).toBe(mod(j - a, n)));
    }),
    { seed: 1 },
  );
});

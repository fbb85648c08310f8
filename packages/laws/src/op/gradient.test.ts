import { describe, expect, test } from 'vitest';
import { closest } from './gradient.js';

const agrees = ({ error, bound }: { readonly error: number; readonly bound: number }): boolean => error <= bound;

describe('a derivative among differences', () => {
  const step = 2 ** -11;

  test('is that of a function that turns within the first step', () => {
    const f = (h: number): number => Math.sin(3000 * h);
    expect(agrees(closest(3000, f, step, { steps: [1] }))).toBe(false);
    expect(agrees(closest(3000, f, step))).toBe(true);
    for (const wrong of [0, 2970, 3030, -3000, Infinity, NaN])
      expect(agrees(closest(wrong, f, step)), `${wrong}`).toBe(false);
  });

  test('is that of a function whose values scatter, by as much as is measured', () => {
    const f = (h: number): number => 5 * h + 1e-7 * Math.sin(1e12 * h);
    const noise = (): number => 4e-7;
    expect(agrees(closest(5, f, step))).toBe(false);
    expect(agrees(closest(5, f, step, { noise }))).toBe(true);
    expect(agrees(closest(5.05, f, step, { steps: [1], noise }))).toBe(false);
  });

  test('where none agrees, the closest difference is told', () => {
    const { value, error } = closest(3030, (h) => Math.sin(3000 * h), step);
    expect(value).toBeCloseTo(3000, 3);
    expect(error).toBeCloseTo(30, 3);
  });

  test('noise is measured only where it decides', () => {
    const noise = (): number => {
      throw new Error('asked for nothing');
    };
    expect(agrees(closest(2, (h) => 2 * h, step, { noise }))).toBe(true);
  });
});

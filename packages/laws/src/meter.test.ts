import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectClose, expectSame, runLaw, type Law } from './index.js';
import { kinkAvoided } from './meter.js';

const about = { what: 'x', shape: [2] };
const loose = { relative: 1, absolute: 1 };

/** A law that compares these. */
const comparing = (body: () => void): Law => ({
  name: 'compares',
  statement: '',
  formula: '',
  subject: null,
  cases: fc.constant(0),
  mutants: [],
  once: true,
  holds: body,
});

test('a zero of the other sign is told as such', () => {
  expect(() => expectSame(about, [1, 0], [1, -0])).toThrow(
    "x at [1]: received 0, expected -0; error 0, allowed 0; the same numbers, but a zero has the other sign; expectSame(…, 'number')",
  );
  expect(() => expectSame(about, [1, 0], [1, -0], 'number')).not.toThrow();
});

describe('the errors that a law saw', () => {
  test('are the largest of each kind, wherever they occurred', () => {
    const law = comparing(() => {
      expectClose(about, new Float64Array([100.5, 0.015625]), [100, 0.0078125], loose);
      expectClose(about, new Float64Array([1, 2]), [1, 2], loose);
    });
    // Near 0.0078 = 2⁻⁷ doubles are 2⁻⁵⁹ apart.
    expect(runLaw(law).worst).toEqual({ absolute: 0.5, relative: 1, ulp: 0.0078125 / 2 ** -59 });
  });

  test('count units of float32 where that was received', () => {
    const one = new Float32Array([1 + 2 ** -23, 1]);
    expect(runLaw(comparing(() => void expectClose(about, one, [1, 1], loose))).worst!.ulp).toBe(1);
    const least = new Float32Array([2 ** -149, 0]);
    expect(runLaw(comparing(() => void expectClose(about, least, [0, 0], loose))).worst!.ulp).toBe(1);
  });

  test('are 0 for values that are the same, and null where nothing is compared', () => {
    expect(runLaw(comparing(() => expectSame(about, [1, NaN], [1, NaN]))).worst).toEqual({
      absolute: 0,
      relative: 0,
      ulp: 0,
    });
    expect(runLaw(comparing(() => {})).worst).toBeNull();
  });

  test('are told with the kinks that were left out, of the law and not of its planted bugs', () => {
    const law = comparing(() => kinkAvoided());
    const report = runLaw({ ...law, mutants: [{ name: 'none', plant: () => null }] });
    expect([report.kinks, report.worst]).toEqual([1, null]);
    expect(runLaw(comparing(() => {})).kinks).toBe(0);
    expect(() => kinkAvoided()).not.toThrow();
  });
});

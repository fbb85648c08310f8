import type { Shape } from '@lemmata/shape';

type Values = readonly number[];

/** What kind of mistake turns `expected` into `received`, where it is one of the usual ones. */
export function resemblance(received: ArrayLike<number>, expected: ArrayLike<number>, shape: Shape): string | null {
  const r = Array.from(received);
  const e = Array.from(expected);
  if (r.length === e.length && r.every((v, i) => v === e[i] || (Number.isNaN(v) && Number.isNaN(e[i]))))
    return "the same numbers, but a zero has the other sign; expectSame(…, 'number') takes the two for equal";
  if (e.length < 2 || r.length !== e.length) return null;
  if (e.every((v) => v === 0)) return null;
  if (r.every((v) => v === 0)) return 'everything is zero';
  if (
    equal(
      r,
      e.map((v) => -v),
    )
  )
    return 'the sign is the opposite everywhere';
  const factor = constant(e.flatMap((v, i) => (v === 0 ? (r[i] === 0 ? [] : [NaN]) : [r[i] / v])));
  if (factor !== null) return `everything is ${round(factor)} times too large`;
  const offset = constant(e.map((v, i) => r[i] - v));
  if (offset !== null) {
    const mean = e.reduce((total, v) => total + v, 0) / e.length;
    return near(offset, -mean) ? 'the mean is removed' : `${round(offset)} is added everywhere`;
  }
  if (equal(r, [...e].reverse())) return 'the order is reversed';
  if (shape.length >= 2 && equal(r, transposed(e, shape))) return 'the last two axes are exchanged';
  return null;
}

function transposed(values: Values, shape: Shape): number[] {
  const columns = shape[shape.length - 1];
  const rows = shape[shape.length - 2];
  const area = rows * columns;
  return values.map((_, i) => {
    const within = i % area;
    return values[i - within + (within % rows) * columns + Math.floor(within / rows)];
  });
}

function constant(values: Values): number | null {
  const [first] = values;
  return first !== undefined && Number.isFinite(first) && values.every((v) => near(v, first)) ? first : null;
}

function equal(a: Values, b: Values): boolean {
  return a.every((v, i) => near(v, b[i]));
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
}

function round(x: number): number {
  return Number(x.toPrecision(5));
}

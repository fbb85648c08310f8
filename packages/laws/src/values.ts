import * as fc from 'fast-check';
import { Choices } from './choices.js';

/** Where the elements of an input come from, given their number. */
export type Values = (size: number) => fc.Arbitrary<number[]>;

export interface Keep {
  /** Points from which every value stays away: kinks, poles, ties with a constant. */
  readonly avoid?: readonly number[];
  /** How far. Default 0.05, a hundred steps of a finite difference. */
  readonly margin?: number;
}

/** Decimal fractions of three places: short to read, and rounded in binary as most numbers are. */
const PLACES = 1000;

/** Searches ask for the same range again and again. */
const ranges = new Map<string, Values>();

/** Independent values in [low, high], away from what is to be avoided. Default −2 to 2. */
export function uniform(low: number = -2, high: number = 2, { avoid = [], margin = 0.05 }: Keep = {}): Values {
  const name = [low, high, margin, ...avoid].join();
  const known = ranges.get(name);
  if (known !== undefined) return known;
  const allowed: number[] = [];
  for (let n = Math.ceil(low * PLACES); n <= Math.floor(high * PLACES); n++) {
    const value = n / PLACES;
    if (avoid.every((point) => Math.abs(value - point) >= margin)) allowed.push(value);
  }
  const values = among(allowed, `uniform(${low}, ${high})`);
  ranges.set(name, values);
  return values;
}

/**
 * Values in [low, high] of which no two are closer than `gap`, in any order: nothing ties, and no order changes under a
 * small step. Default −2 to 2; the gap shrinks where the range is too small for it.
 */
export function distinct(
  low: number = -2,
  high: number = 2,
  { gap = 0.05, avoid = [], margin = 0.05 }: Keep & { readonly gap?: number } = {},
): Values {
  return (size) => {
    const step = Math.min(gap, (high - low) / (2 * Math.max(1, size)));
    const slots: number[] = [];
    for (let k = 0; low + k * step <= high; k++) {
      const value = Math.round((low + k * step) * 1e6) / 1e6;
      if (avoid.every((point) => Math.abs(value - point) >= margin)) slots.push(value);
    }
    if (slots.length < size)
      throw new RangeError(`distinct(${low}, ${high}): ${size} values do not fit; widen the range`);
    const sorted = byMagnitude(slots);
    return fc
      .uniqueArray(fc.nat(sorted.length - 1), { minLength: size, maxLength: size })
      .map((chosen) => chosen.map((slot) => sorted[slot]));
  };
}

/** Independent integers from low to high. Default −4 to 4: sums and products of few of them are exact in any dtype. */
export function integers(
  low: number = -4,
  high: number = 4,
  { avoid = [] }: { readonly avoid?: readonly number[] } = {},
): Values {
  const allowed = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((n) => !avoid.includes(n));
  return among(allowed, `integers(${low}, ${high})`);
}

/** ±2ᵏ for k from low to high: dividing by them is exact. Default ½ to 4. */
export function powersOfTwo(low: number = -1, high: number = 2): Values {
  const powers = Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i));
  return among([...powers, ...powers.map((p) => -p)], 'powersOfTwo');
}

/** 0 or 1. */
export function truthValues(): Values {
  return among([0, 1], 'truthValues');
}

/** Independent choices from a list. */
export function oneOf(...list: readonly number[]): Values {
  return among(list, 'oneOf');
}

/** Just these. */
export function exactly(...values: readonly number[]): Values {
  return (size) => {
    if (values.length !== size) throw new RangeError(`exactly: ${values.length} values for ${size} elements`);
    return fc.constant([...values]);
  };
}

function among(list: readonly number[], name: string): Values {
  if (list.length === 0) throw new RangeError(`${name}: nothing is left to choose from`);
  const sorted = byMagnitude(list);
  return (size) => new Choices(sorted, size);
}

/** Small magnitudes first: that is where shrinking leads. */
const byMagnitude = (list: readonly number[]): number[] => [...list].sort((a, b) => Math.abs(a) - Math.abs(b));

import type { Bound, NdArray } from '@lemmata/laws';
import * as fc from 'fast-check';

/** Statistics that some elements share, and the place of each element's weight: functions of its index. */
export interface Rule {
  readonly group: (index: readonly number[]) => string;
  readonly place: (index: readonly number[]) => number;
  readonly centred: boolean;
  readonly eps: number;
}

/** The index of the n-th element in row-major order. */
export function indexOf(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}

/** The values of each group. */
function groupsOf(group: Rule['group'], { shape, data }: NdArray): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  Array.from(data).forEach((v, i) => {
    const name = group(indexOf(shape, i));
    const values = groups.get(name);
    if (values === undefined) groups.set(name, [v]);
    else values.push(v);
  });
  return groups;
}

/** Element by element, with the sums of its group taken anew. */
export function normalisedBy(rule: Rule, { shape, data }: NdArray, weight?: NdArray, bias?: NdArray): NdArray {
  const indices = Array.from(data, (_, i) => indexOf(shape, i));
  const groups = groupsOf(rule.group, { shape, data });
  const y = Array.from(data, (v, i) => {
    const group = groups.get(rule.group(indices[i]))!;
    const mean = rule.centred ? group.reduce((a, b) => a + b, 0) / group.length : 0;
    const square = group.reduce((a, b) => a + (b - mean) ** 2, 0) / group.length;
    const place = rule.place(indices[i]);
    return ((v - mean) / Math.sqrt(square + rule.eps)) * (weight?.data[place] ?? 1) + (bias?.data[place] ?? 0);
  });
  return { shape, data: y };
}

/**
 * How far float32 may be off: an element is rounded by 2⁻²⁴ of its size before the mean is taken from it, and deviations divide
 * once in the result and once more in the gradient.
 */
export function conditioned({ group, eps }: Pick<Rule, 'group' | 'eps'>, { shape, data }: NdArray): Bound {
  const conditions = [...groupsOf(group, { shape, data }).values()].map((values) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const square = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    return Math.max(...values.map(Math.abs)) / Math.sqrt(square + eps);
  });
  const absolute = 2e-5 + 2 ** -24 * Math.max(0, ...conditions) ** 2;
  return { relative: 2e-5, absolute, reason: 'deviations may be small beside the values' };
}

/** ε, the default among them. */
export const epsilons: fc.Arbitrary<number> = fc.constantFrom(1e-5, 1e-3, 0.5);

/** A step that is small beside √ε, over which a norm of equal elements bends. */
export const stepOf = ({ eps }: { readonly eps: number }): number => Math.min(2 ** -11, 2 ** -9 * Math.sqrt(eps));

/** Which of weight and bias are given; a bias alone to functions only. */
export type Affine = 'neither' | 'weight' | 'bias' | 'both';
export const affines: fc.Arbitrary<Affine> = fc.constantFrom('both', 'weight', 'neither', 'bias');

/** Weight and bias among the inputs behind x. */
export function weightAndBias<T>(
  given: Affine,
  [first, second]: readonly T[],
): [weight: T | undefined, bias: T | undefined] {
  return given === 'bias' ? [undefined, first] : [first, second];
}

/** How many parameters that are. */
export const countOf = (given: Affine): number => ({ neither: 0, weight: 1, bias: 1, both: 2 })[given];

/** Sizes in space, of any number of axes. */
export const spaces = (least: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: least, maxLength: most });

export const batches: fc.Arbitrary<number> = fc.constantFrom(1, 2, 3, 1, 0);

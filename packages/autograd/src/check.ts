import { unknownOptions } from '@lemmata/shape';
import { foldIn, key as randomKey, fillNormal, type Key } from '@lemmata/random';
import { flatten, map } from '@lemmata/tree';
import type { Tensor } from '@lemmata/tensor';
import { tensor, type TypedArray } from '@lemmata/tensor';
import { vjp, type TensorTree } from './gradient.js';

export interface CheckOptions {
  /** Step of the central difference; a second one of half the size is extrapolated with it. Default 1e-4. */
  readonly step?: number;
  /** Allowed |analytic − numeric| ≤ absolute + relative · |numeric|. Defaults 1e-7 and 1e-5. */
  readonly absolute?: number;
  /** See `absolute`. Default 1e-5. */
  readonly relative?: number;
  /** Seed of the random upstream gradient. Default 0. */
  readonly seed?: number;
  /** Coordinates tried per argument leaf, spread evenly; the rest by one random direction. Default 64. */
  readonly coordinates?: number;
}

/** Where analytic and numeric gradient differ most. */
export interface GradientError {
  /** Path of the leaf in the arguments. */
  readonly path: string;
  /** Flat index, or null for a random direction over all of the leaf. */
  readonly index: number | null;
  readonly analytic: number;
  readonly numeric: number;
  readonly error: number;
}

export interface GradientReport {
  readonly ok: boolean;
  readonly checked: number;
  readonly worst: GradientError | null;
  readonly failures: readonly GradientError[];
  readonly message: string;
}

/**
 * Compares the gradient of `f` with central differences in float64, for a random upstream gradient: an upstream of ones
 * would hide a gradient that is transposed or has its mean removed. Differences at two step sizes are extrapolated
 * (Richardson), so that the truncation error is of fourth order. Keep the arguments away from kinks by a step.
 *
 * @throws TypeError unless every leaf is float64: float32 has too few digits for differences.
 * @throws Error if two evaluations differ in a bit.
 */
export function checkGradient<Args extends readonly TensorTree[]>(
  f: (...args: Args) => TensorTree,
  args: Args,
  options: CheckOptions = {},
): GradientReport {
  unknownOptions('checkGradient', options, ['step', 'absolute', 'relative', 'seed', 'coordinates']);
  const { step = 1e-4, absolute = 1e-7, relative = 1e-5, seed = 0, coordinates = 64 } = options;
  const { leaves: inputs, paths } = flatten(args as never) as unknown as { leaves: Tensor[]; paths: string[] };
  for (const [i, x] of inputs.entries()) {
    if (x.dtype !== 'float64')
      throw new TypeError(`checkGradient: argument ${paths[i]} is ${x.dtype}; differences need float64`);
  }
  const values = (tree: TensorTree): TypedArray[] =>
    (flatten(tree as never).leaves as unknown as Tensor[]).map((t) => t.dataSync());
  const { value, pullback } = vjp(f as (...args: Args) => TensorTree, ...args);
  assertDeterministic(values(value), values(f(...args)));

  const key = randomKey(seed);
  let drawn = 0;
  const upstream = map((t: unknown) => normalLike(t as Tensor, foldIn(key, drawn++)), value as never) as TensorTree;
  const weights = values(upstream);
  const analytic = values(pullback(upstream) as unknown as TensorTree);
  const data = inputs.map((x) => x.dataSync());

  /** Σ upstream · f at the arguments moved along a direction of one leaf. */
  const evaluate = (leaf: number, move: (array: TypedArray) => void): number => {
    const moved = data[leaf]!.slice();
    move(moved);
    let next = 0;
    const at = map((x: unknown) => {
      const i = next++;
      return i === leaf ? tensor(moved, { shape: (x as Tensor).shape }) : x;
    }, args as never) as unknown as Args;
    let total = 0;
    for (const [k, array] of values(f(...at)).entries()) {
      for (let i = 0; i < array.length; i++) total += array[i]! * weights[k]![i]!;
    }
    return total;
  };
  const derivative = (leaf: number, along: (array: TypedArray, h: number) => void): number => {
    const central = (h: number): number =>
      (evaluate(leaf, (a) => along(a, h)) - evaluate(leaf, (a) => along(a, -h))) / (2 * h);
    return (4 * central(step / 2) - central(step)) / 3;
  };

  const found: GradientError[] = [];
  const compare = (leaf: number, index: number | null, exact: number, numeric: number): void => {
    found.push({ path: paths[leaf]!, index, analytic: exact, numeric, error: Math.abs(exact - numeric) });
  };
  inputs.forEach((x, leaf) => {
    const gradient = analytic[leaf]!;
    const tried = Math.min(coordinates, x.size);
    for (let c = 0; c < tried; c++) {
      const index = Math.floor((c * x.size) / tried);
      compare(
        leaf,
        index,
        gradient[index]!,
        derivative(leaf, (a, h) => (a[index]! += h)),
      );
    }
    if (tried < x.size) {
      const direction = new Float64Array(x.size);
      fillNormal(direction, foldIn(key, drawn + leaf));
      const along = direction.reduce((total, d, i) => total + d * gradient[i]!, 0);
      compare(
        leaf,
        null,
        along,
        derivative(leaf, (a, h) => direction.forEach((d, i) => (a[i]! += h * d))),
      );
    }
  });
  // Written so that NaN fails.
  const failures = found.filter((e) => !(e.error <= absolute + relative * Math.abs(e.numeric)));
  const size = ({ error }: GradientError): number => (Number.isNaN(error) ? Infinity : error);
  const worst = found.reduce<GradientError | null>((w, e) => (w === null || size(e) > size(w) ? e : w), null);
  return {
    ok: failures.length === 0,
    checked: found.length,
    worst,
    failures,
    message: describe(failures, found.length),
  };
}

function normalLike(like: Tensor, key: Key): Tensor {
  const out = new Float64Array(like.size);
  fillNormal(out, key);
  return tensor(out, { shape: like.shape });
}

function assertDeterministic(first: readonly TypedArray[], second: readonly TypedArray[]): void {
  for (const [k, array] of first.entries()) {
    for (let i = 0; i < array.length; i++) {
      if (Object.is(array[i], second[k]![i])) continue;
      throw new Error(
        `checkGradient: the function is not deterministic: output ${k} at ${i} was ${array[i]}, then ${second[k]![i]}`,
      );
    }
  }
}

function describe(failures: readonly GradientError[], checked: number): string {
  if (failures.length === 0) return `${checked} directional derivatives agree`;
  const lines = failures
    .slice(0, 5)
    .map(
      (e) =>
        `  argument ${e.path}${e.index === null ? ', random direction' : ` at ${e.index}`}: gradient ${e.analytic}, differences ${e.numeric}, error ${e.error}`,
    );
  return [`${failures.length} of ${checked} directional derivatives disagree`, ...lines].join('\n');
}

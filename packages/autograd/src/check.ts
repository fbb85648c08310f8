import { fillNormal, foldIn, key as randomKey, type Key } from '@lemmata/random';
import { unknownOptions } from '@lemmata/shape';
import { tensor, type Tensor, type TypedArray } from '@lemmata/tensor';
import { paths } from '@lemmata/tree';
import { vjp } from './gradient.js';
import { mapTensors, tensorLeaves, type TensorTree } from './tensor-tree.js';

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
  const inputs = tensorLeaves(args);
  const names = paths(args);
  for (const [i, { dtype }] of inputs.entries()) {
    if (dtype !== 'float64')
      throw new TypeError(`checkGradient: argument ${names[i]} is ${dtype}; differences need float64`);
  }
  const values = (tree: TensorTree): TypedArray[] => tensorLeaves(tree).map((t) => t.dataSync());
  const { value, pullback } = vjp(f, ...args);
  assertDeterministic(values(value), values(f(...args)));

  const key = randomKey(seed);
  let drawn = 0;
  const upstream = mapTensors((t) => normalLike(t, foldIn(key, drawn++)), value);
  const weights = values(upstream);
  const gradients = values(pullback(upstream));

  /** Σ upstream · f at the arguments, of which one leaf is replaced. */
  const evaluate = (leaf: number, moved: TypedArray): number => {
    let next = 0;
    const at = mapTensors((x) => (next++ === leaf ? tensor(moved, { shape: x.shape }) : x), args);
    let total = 0;
    for (const [k, array] of values(f(...at)).entries()) {
      for (let i = 0; i < array.length; i++) total += array[i]! * weights[k]![i]!;
    }
    return total;
  };
  const found = inputs.flatMap((x, leaf) => {
    const data = x.dataSync();
    return directions(gradients[leaf]!, coordinates, foldIn(key, drawn + leaf)).map(
      ({ index, analytic, move }): GradientError => {
        const along = (h: number): number => {
          const moved = data.slice();
          move(moved, h);
          return evaluate(leaf, moved);
        };
        const numeric = derivative(along, step);
        return { path: names[leaf]!, index, analytic, numeric, error: Math.abs(analytic - numeric) };
      },
    );
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

/** A way in which one leaf is moved, and the derivative along it that its gradient tells. */
interface Direction extends Pick<GradientError, 'index' | 'analytic'> {
  move(data: TypedArray, h: number): void;
}

/** So many coordinates, spread evenly, and a random direction for the others, if there are any. */
function directions(gradient: TypedArray, coordinates: number, key: Key): Direction[] {
  const size = gradient.length;
  const tried = Math.min(coordinates, size);
  const alone = Array.from({ length: tried }, (_, c): Direction => {
    const index = Math.floor((c * size) / tried);
    return { index, analytic: gradient[index]!, move: (data, h) => (data[index]! += h) };
  });
  if (tried === size) return alone;
  const direction = new Float64Array(size);
  fillNormal(direction, key);
  const analytic = direction.reduce((total, d, i) => total + d * gradient[i]!, 0);
  return [...alone, { index: null, analytic, move: (data, h) => direction.forEach((d, i) => (data[i]! += h * d)) }];
}

/** g'(0), by central differences of two steps, extrapolated. */
function derivative(g: (h: number) => number, step: number): number {
  const central = (h: number): number => (g(h) - g(-h)) / (2 * h);
  return (4 * central(step / 2) - central(step)) / 3;
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

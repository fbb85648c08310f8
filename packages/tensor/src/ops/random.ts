import {
  fillBernoulli,
  fillBits,
  fillNormal,
  fillUniform,
  foldIn as foldInWords,
  key as keyWords,
  normalQuantile,
  split,
  type Key,
} from '@lemmata/random';
import { ShapeError, checkShape, formatValue, unknownOptions, type Shape } from '@lemmata/shape';
import { tensor } from '../create.js';
import { erfc } from '../elementwise/erf.js';
import { apply } from '../interpreter.js';
import type { View } from '../layout.js';
import type { OpDef } from '../op.js';
import { formatSpec, isFloat, type DType, type Spec } from '../spec.js';
import { isTensor, type Tensor } from '../tensor.js';

/*
 * Random numbers are functions of a key, an int32 tensor of two words: the same key gives the same numbers, those that
 * @lemmata/random gives for it. Draw from a key once; for more, derive keys with splitKey and foldIn.
 */

interface DrawAttrs {
  readonly shape: Shape;
}

type Float = 'float32' | 'float64';

function checkKey(op: string, spec: Spec): void {
  if (spec.dtype !== 'int32' || spec.shape.length !== 1 || spec.shape[0] !== 2) {
    throw new ShapeError(op, [
      {
        rule: 'a key is a tensor int32[2]',
        received: formatSpec(spec),
        hint: 'Make one with key(seed), splitKey or foldIn',
      },
    ]);
  }
}

/** The key itself, if it is one of tensors: those of @lemmata/random, which look alike in code, are pairs of numbers. */
function aKey(op: string, key: Tensor): Tensor {
  if (isTensor(key)) return key;
  const received = Array.isArray(key) ? 'an array of numbers' : formatValue(key);
  const make = typeof key === 'number' ? `key(${String(key)})` : 'key(seed)';
  throw new TypeError(
    `${op}: a key is a tensor int32[2], received ${received}; take ${make} of @lemmata/tensor (that of @lemmata/random is for typed arrays)`,
  );
}

function wordsOf({ data }: View): Key {
  return [data[0], data[1]];
}

/** An op that fills a shape from a key. Nothing in it has a gradient. */
/* @__NO_SIDE_EFFECTS__ */
function drawing<A extends DrawAttrs>(
  name: string,
  dtype: (attrs: A) => DType,
  fill: (attrs: A, out: View, key: Key) => void,
): OpDef<A> {
  return {
    name,
    infer(attrs, key) {
      checkKey(name, key);
      checkShape(name, attrs.shape);
      return [{ shape: attrs.shape, dtype: dtype(attrs) }];
    },
    reference: (attrs, [key], [out]) => fill(attrs, out, wordsOf(key)),
    vjp: () => [null],
  };
}

export const SplitKey: OpDef<{ readonly count: number }> = {
  name: 'splitKey',
  infer({ count }, key) {
    checkKey('splitKey', key);
    return Array.from({ length: count }, (): Spec => ({ shape: [2], dtype: 'int32' }));
  },
  reference(_attrs, [key], outputs) {
    split(wordsOf(key), outputs.length).forEach((words, i) => outputs[i].data.set(words));
  },
  vjp: () => [null],
};

export const FoldIn: OpDef<{ readonly data?: number }> = {
  name: 'foldIn',
  infer(_attrs, key, ...rest) {
    checkKey('foldIn', key);
    for (const spec of rest) {
      if (spec.dtype !== 'int32' || spec.shape.length > 0) {
        throw new ShapeError('foldIn', [
          { rule: 'what is folded in is a number or a tensor int32[]', received: formatSpec(spec) },
        ]);
      }
    }
    return [{ shape: [2], dtype: 'int32' }];
  },
  reference({ data }, [key, counter], [out]) {
    out.data.set(foldInWords(wordsOf(key), data ?? counter.data[0]));
  },
  vjp: (_attrs, _upstream, inputs) => inputs.map(() => null),
};

export const RandomBits: OpDef<DrawAttrs> = drawing(
  'randomBits',
  () => 'int32',
  (_attrs, out, key) => fillBits(out.data as Int32Array, key),
);

export const RandomUniform: OpDef<DrawAttrs & { readonly low: number; readonly high: number; readonly dtype: Float }> =
  drawing(
    'randomUniform',
    ({ dtype }) => dtype,
    ({ low, high }, out, key) => fillUniform(out.data as Float32Array, key, low, high),
  );

export const RandomNormal: OpDef<DrawAttrs & { readonly mean: number; readonly std: number; readonly dtype: Float }> =
  drawing(
    'randomNormal',
    ({ dtype }) => dtype,
    ({ mean, std }, out, key) => fillNormal(out.data as Float32Array, key, mean, std),
  );

export const TruncatedNormal: OpDef<
  DrawAttrs & {
    readonly mean: number;
    readonly std: number;
    readonly low: number;
    readonly high: number;
    readonly dtype: Float;
  }
> = drawing(
  'truncatedNormal',
  ({ dtype }) => dtype,
  ({ mean, std, low, high }, { data }, key) => {
    // The quantile function of a number that is uniform between the probabilities of both ends.
    const normalBelow = (x: number): number => erfc(-x / Math.SQRT2) / 2;
    const draws = new Float64Array(data.length);
    fillUniform(draws, key, normalBelow(low), normalBelow(high));
    for (let i = 0; i < data.length; i++)
      data[i] = mean + std * Math.min(Math.max(normalQuantile(draws[i]), low), high);
  },
);

export const Bernoulli: OpDef<DrawAttrs & { readonly p: number }> = drawing(
  'bernoulli',
  () => 'bool',
  ({ p }, out, key) => fillBernoulli(out.data as Uint8Array, key, p),
);

/** A key, int32[2], from a seed: any safe integer. */
export function key(seed: number): Tensor {
  return tensor([...keyWords(seed)], { dtype: 'int32' });
}

/** `count` independent keys; the first of them do not depend on how many are asked for. Default 2. */
export function splitKey(key: Tensor, count: number = 2): Tensor[] {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`splitKey: count is a non-negative integer, received ${count}`);
  return apply(SplitKey, { count }, [aKey('splitKey', key)]);
}

/** The key for a number (an epoch, a step, a layer's index): any safe integer, or a tensor int32[]. */
export function foldIn(key: Tensor, data: number | Tensor): Tensor {
  if (typeof data !== 'number') return apply(FoldIn, {}, [aKey('foldIn', key), data])[0];
  if (!Number.isSafeInteger(data)) throw new RangeError(`foldIn: data is a safe integer, received ${data}`);
  return apply(FoldIn, { data }, [aKey('foldIn', key)])[0];
}

/** Random 32-bit words, as int32. */
export function randomBits(key: Tensor, shape: Shape): Tensor {
  return apply(RandomBits, { shape }, [aKey('randomBits', key)])[0];
}

export interface RandomUniformOptions {
  /** Default 0, included. */
  readonly low?: number;
  /** Default 1, excluded. */
  readonly high?: number;
  /** Default float32. */
  readonly dtype?: Float;
}

/** Uniform in [low, high). */
export function randomUniform(key: Tensor, shape: Shape, options: RandomUniformOptions = {}): Tensor {
  unknownOptions('randomUniform', options, ['low', 'high', 'dtype']);
  const { low = 0, high = 1, dtype = 'float32' } = options;
  checkFloat('randomUniform', dtype);
  if (!(low <= high && Number.isFinite(high - low))) {
    throw new RangeError(`randomUniform: low and high are finite and low ≤ high; received ${low} and ${high}`);
  }
  return apply(RandomUniform, { shape, low, high, dtype }, [aKey('randomUniform', key)])[0];
}

export interface RandomNormalOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation. Default 1. */
  readonly std?: number;
  /** Default float32. */
  readonly dtype?: Float;
}

/** Normally distributed with mean `mean` and standard deviation `std`. */
export function randomNormal(key: Tensor, shape: Shape, options: RandomNormalOptions = {}): Tensor {
  unknownOptions('randomNormal', options, ['mean', 'std', 'dtype']);
  const { mean = 0, std = 1, dtype = 'float32' } = options;
  checkFloat('randomNormal', dtype);
  checkNormal('randomNormal', mean, std);
  return apply(RandomNormal, { shape, mean, std, dtype }, [aKey('randomNormal', key)])[0];
}

export interface TruncatedNormalOptions extends RandomNormalOptions {
  /** Lowest value, in standard deviations from the mean. Default −2. */
  readonly low?: number;
  /** Highest value, in standard deviations from the mean. Default 2. */
  readonly high?: number;
}

/**
 * Normally distributed, given that the value lies between mean + low · std and mean + high · std. `std` is that of the
 * distribution before it is truncated: at ±2 the values have 0.8796 of it.
 */
export function truncatedNormal(key: Tensor, shape: Shape, options: TruncatedNormalOptions = {}): Tensor {
  unknownOptions('truncatedNormal', options, ['mean', 'std', 'low', 'high', 'dtype']);
  const { mean = 0, std = 1, low = -2, high = 2, dtype = 'float32' } = options;
  checkFloat('truncatedNormal', dtype);
  checkNormal('truncatedNormal', mean, std);
  if (!(low < high)) throw new RangeError(`truncatedNormal: low is below high; received ${low} and ${high}`);
  return apply(TruncatedNormal, { shape, mean, std, low, high, dtype }, [aKey('truncatedNormal', key)])[0];
}

/** Truth values that are true with probability `p` each; 0 and 1 are exact. */
export function bernoulli(key: Tensor, p: number, shape: Shape): Tensor {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`bernoulli: p lies between 0 and 1, received ${p}`);
  return apply(Bernoulli, { shape, p }, [aKey('bernoulli', key)])[0];
}

function checkFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype)) throw new TypeError(`${op}: dtype is float32 or float64, received ${String(dtype)}`);
}

function checkNormal(op: string, mean: number, std: number): void {
  if (!(Number.isFinite(mean) && Number.isFinite(std) && std >= 0)) {
    throw new RangeError(`${op}: mean is finite and std finite and not negative; received ${mean} and ${std}`);
  }
}

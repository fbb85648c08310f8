import {
  floats,
  type Laws,
  type NdArray,
  oneOf,
  type OpSample,
  type SearchSamples,
  searchLaws,
  uniform,
  type Values,
} from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { classOracle } from './class-oracle.laws.js';
import { reduceAll } from './oracle.laws.js';
import type { Reduction } from './reduction.js';

/** How losses are put together; absent is the mean. */
export const reductions: fc.Arbitrary<{ readonly reduction?: Reduction }> = fc.constantFrom<
  { readonly reduction?: Reduction }[]
>({}, { reduction: 'mean' }, { reduction: 'sum' }, { reduction: 'none' });

/** Shapes of a batch of anything, those without elements among them. */
export const shapes: fc.Arbitrary<number[]> = fc.array(fc.nat(3), { maxLength: 4 });

/** A loss that compares element with element, as its users call it. */
export interface Compared<O extends object> {
  readonly call: (x: Tensor, target: Tensor, options: any) => Tensor;
  readonly options?: fc.Arbitrary<O>;
  /** Of one element, given what its weights but `weight` are; NaN and infinities included. */
  readonly loss: (options: any, x: number, target: number, weights: Readonly<Record<string, number>>) => number;
  /** The derivatives by x and target, where they are none. */
  readonly derivatives?: (options: any, x: number, target: number) => readonly [x: number, target: number];
  readonly x?: Values;
  readonly target?: Values;
  /** Its options that hold a number for each element, [C] for [N, C] among them; `weight` is a factor. */
  readonly weights?: readonly string[];
  /** Also: the sum divided by the first axis. */
  readonly batchmean?: true;
  /** What is said of values of x that are refused. */
  readonly refuses?: (x: number) => RegExp | null;
  readonly kinks?: string;
}

interface ComparedCall {
  readonly options: { readonly reduction?: string };
  /** The weights that are given. */
  readonly names: readonly string[];
}

/** A search over shapes, options, reductions and, where there are some, weights that broadcast. */
export function comparedSearch<O extends object>(name: string, kind: Compared<O>): Laws {
  const { call, loss, derivatives, refuses, options = fc.constant({} as O), weights = [], batchmean = false } = kind;
  const { x = uniform(-2, -0.5), target = uniform(0, 2) } = kind;
  const named = <T>(names: readonly string[], values: readonly T[]): Record<string, T> =>
    Object.fromEntries(names.map((each, i) => [each, values[i]!]));
  const divisorOf = (
    { reduction = 'mean' }: ComparedCall['options'],
    shape: readonly number[],
    size: number,
  ): number => (reduction === 'mean' ? size : reduction === 'batchmean' ? shape[0] : 1);
  return searchLaws<ComparedCall>(
    name,
    ({ options: given, names }, input, t, ...rest) => call(input, t, { ...given, ...named(names, rest) }),
    {
      samples: fc
        .record({
          shape: shapes,
          options,
          reduction: reductions,
          perBatch: fc.boolean(),
          weighed: fc.array(fc.record({ given: fc.boolean(), lead: fc.nat(4), ones: fc.boolean() }), {
            minLength: weights.length,
            maxLength: weights.length,
          }),
        })
        .map(({ shape, options: own, reduction, perBatch, weighed }): OpSample<ComparedCall> => {
          // Some of the leading axes left out, others of size 1.
          const wide = ({ lead, ones }: { lead: number; ones: boolean }): number[] =>
            shape.slice(Math.min(lead, shape.length)).map((n, i) => (ones && i === 0 ? 1 : n));
          const present = weighed.flatMap((how, i) => (how.given ? [{ name: weights[i], shape: wide(how) }] : []));
          const together = batchmean && perBatch && shape.length > 0 ? { reduction: 'batchmean' } : reduction;
          return {
            attrs: { options: { ...own, ...together }, names: present.map((each) => each.name) },
            inputs: [
              floats(shape, x),
              floats(shape, target),
              ...present.map((each) => floats(each.shape, uniform(0.5, 2))),
            ],
          };
        }),
      ...(refuses === undefined
        ? {}
        : { refuses: (_, { data }) => Array.from(data, refuses).find((said) => said !== null) ?? null }),
      ...(kind.kinks === undefined ? {} : { kinks: kind.kinks }),
      ...(derivatives === undefined
        ? {}
        : {
            gradient({ options: given }, [upstream], input, t): NdArray[] {
              const { length } = input.data;
              const scale = (i: number): number =>
                given.reduction === 'none'
                  ? upstream.data[i]
                  : upstream.data[0] / divisorOf(given, input.shape, length);
              const by = (which: 0 | 1): number[] =>
                Array.from(input.data, (v, i) => scale(i) * derivatives(given, v, t.data[i])[which]);
              return [by(0), by(1)].map((data) => ({ shape: input.shape, data }));
            },
          }),
      oracle({ options: given, names }, input, t, ...rest): NdArray {
        const each = Array.from(input.data, (v, i) => {
          const by = named(
            names,
            rest.map((weight) => broadcastAt(weight, input.shape, i)),
          );
          return loss(given, v, t.data[i], by) * (by['weight'] ?? 1);
        });
        if (given.reduction === 'none') return reduceAll(input.shape, each, 'none');
        return reduceAll(input.shape, each, 'mean', divisorOf(given, input.shape, each.length));
      },
    },
  );
}

/** The element of a weight that meets element i of an array of this shape. */
export function broadcastAt(weight: NdArray, shape: readonly number[], i: number): number {
  let [at, factor, rest] = [0, 1, i];
  for (let axis = shape.length - 1, own = weight.shape.length - 1; own >= 0; axis--, own--) {
    const n = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
    if (weight.shape[own] !== 1) at += n * factor;
    factor *= weight.shape[own];
  }
  return weight.data[at];
}

export interface Classes {
  readonly reduction?: Reduction;
  readonly ignoreIndex?: number;
  readonly labelSmoothing?: number;
}

/** A loss over classes: any places, class weights, ignored targets, and where `soft` smoothing and probabilities. */
export function classSearch(
  name: string,
  call: (x: Tensor, targets: Tensor, options: any) => Tensor,
  logs: (row: readonly number[]) => readonly number[],
  soft: boolean,
): Laws {
  const oracle = classOracle(logs);
  const samples: SearchSamples<Classes> = {
    samples: fc
      .record({
        batch: fc.constantFrom(0, 1, 2, 3, null),
        classes: fc.integer({ min: 1, max: 4 }),
        places: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 }),
        reduction: reductions,
        ignore: fc.constantFrom(undefined, -100, 0, -1),
        smoothing: fc.constantFrom(undefined, 0, 0.1, 1),
        weighted: fc.boolean(),
        probabilities: fc.boolean(),
      })
      .map((drawn): OpSample<Classes> => {
        const { batch, classes, places, reduction, ignore, smoothing, weighted, probabilities } = drawn;
        const lead = batch === null ? [] : [batch];
        const x = [...lead, classes, ...(batch === null ? [] : places)];
        const one = soft && probabilities;
        const number = ignore ?? -100;
        // At least one class counts: of ignored targets alone the mean is 0 / 0.
        const among = Array.from({ length: classes }, (_, c) => c).filter((c) => c !== number || classes === 1);
        const values = oneOf(...among, ...(classes > 1 ? [] : []));
        const targets = one
          ? floats(x, uniform(0, 1))
          : {
              shape: [...lead, ...(batch === null ? [] : places)],
              dtype: 'int32' as const,
              values: withIgnored(values, number),
              exact: values,
            };
        return {
          attrs: {
            ...reduction,
            ...(ignore === undefined ? {} : { ignoreIndex: ignore }),
            ...(soft && smoothing !== undefined ? { labelSmoothing: smoothing } : {}),
          },
          inputs: [floats(x), targets, ...(weighted ? [floats([classes], uniform(0.5, 2))] : [])],
        };
      }),
    oracle: (attrs, x, targets, weight) => oracle(attrs, x, targets, weight),
  };
  return searchLaws<Classes>(
    name,
    (attrs, x, targets, weight) => call(x, targets, { ...attrs, ...(weight === undefined ? {} : { weight }) }),
    samples,
  );
}

/** One target in three is ignored, but not the first. */
function withIgnored(values: Values, ignored: number): Values {
  return (size) => values(size).map((list) => list.map((v, i) => (i % 3 === 2 ? ignored : v)));
}

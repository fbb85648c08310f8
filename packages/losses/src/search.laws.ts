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
  /** Of one element; NaN and infinities included. */
  readonly loss: (options: any, x: number, target: number) => number;
  readonly x?: Values;
  readonly target?: Values;
  /** It has a weight for each element, [C] for [N, C] among them. */
  readonly weighted?: boolean;
  readonly finiteOnly?: string;
  readonly kinks?: string;
}

/** A search over shapes, options, reductions and, where there are some, weights that broadcast. */
export function comparedSearch<O extends object>(name: string, kind: Compared<O>): Laws {
  const { call, loss, options = fc.constant({} as O), weighted = false } = kind;
  const { x = uniform(-2, -0.5), target = uniform(0, 2) } = kind;
  return searchLaws<object>(
    name,
    (attrs, input, t, weight) => call(input!, t!, { ...attrs, ...(weight === undefined ? {} : { weight }) }),
    {
      samples: fc
        .record({
          shape: shapes,
          options,
          reduction: reductions,
          lead: fc.nat(4),
          ones: fc.boolean(),
          weigh: fc.boolean(),
        })
        .map(({ shape, options: own, reduction, lead, ones, weigh }): OpSample<object> => {
          // Some of the leading axes left out, others of size 1.
          const wide = shape.slice(Math.min(lead, shape.length)).map((n, i) => (ones && i === 0 ? 1 : n));
          const extra = weighted && weigh ? [floats(wide, uniform(0.5, 2))] : [];
          return { attrs: { ...own, ...reduction }, inputs: [floats(shape, x), floats(shape, target), ...extra] };
        }),
      ...(kind.finiteOnly === undefined ? {} : { finiteOnly: kind.finiteOnly }),
      ...(kind.kinks === undefined ? {} : { kinks: kind.kinks }),
      oracle(attrs, input, t, weight): NdArray {
        const each = Array.from(
          input.data,
          (v, i) => loss(attrs, v, t.data[i]!) * (weight === undefined ? 1 : broadcastAt(weight, input.shape, i)),
        );
        return reduceAll(input.shape, each, (attrs as { reduction?: string }).reduction);
      },
    },
  );
}

/** The element of a weight that meets element i of an array of this shape. */
export function broadcastAt(weight: NdArray, shape: readonly number[], i: number): number {
  let [at, factor, rest] = [0, 1, i];
  for (let axis = shape.length - 1, own = weight.shape.length - 1; own >= 0; axis--, own--) {
    const n = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
    if (weight.shape[own] !== 1) at += n * factor;
    factor *= weight.shape[own]!;
  }
  return weight.data[at]!;
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
    // A class weight is multiplied with every target, those of other classes and ignored ones too: NaN in it reaches all.
    specialInputs: 1,
    oracle: (attrs, x, targets, weight) => oracle(attrs, x, targets, weight),
  };
  return searchLaws<Classes>(
    name,
    (attrs, x, targets, weight) => call(x!, targets!, { ...attrs, ...(weight === undefined ? {} : { weight }) }),
    samples,
  );
}

/** One target in three is ignored, but not the first. */
function withIgnored(values: Values, ignored: number): Values {
  return (size) => values(size).map((list) => list.map((v, i) => (i % 3 === 2 ? ignored : v)));
}

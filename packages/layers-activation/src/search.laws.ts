import { floats, type Laws, type NdArray, type OpSample, searchLaws, throughLayer, uniform } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';

/** An activation that looks at one element at a time, as its users call it, and its formula. */
export interface Elementwise<O extends object> {
  readonly call: (x: Tensor, options: O) => Tensor;
  readonly layer: (options: any) => Layer<any, any>;
  /** NaN and infinities included. */
  readonly formula: (options: any, x: number) => number;
  /** All that may be chosen; absent where there is nothing. */
  readonly options?: fc.Arbitrary<O>;
  /** How far from 0 the values lie. Default 8. */
  readonly range?: number;
  /** Kinks. */
  readonly avoid?: (options: O) => readonly number[];
}

/** A search over shapes of any rank, sizes and options. */
export function elementwiseSearch<O extends object>(name: string, activation: Elementwise<O>): Laws {
  const { call, layer, formula, options = fc.constant({} as O), range = 8, avoid = () => [] } = activation;
  interface Search {
    readonly options: O;
    readonly layer: boolean;
  }
  return searchLaws<Search>(
    name,
    (attrs, x) => (attrs.layer && x.rank > 0 ? throughLayer(layer(attrs.options), [], x) : call(x, attrs.options)),
    {
      samples: fc
        .record({
          shape: fc.array(fc.nat(3), { maxLength: 4 }),
          options,
          layer: fc.boolean(),
        })
        .map(
          ({ shape, ...attrs }): OpSample<Search> => ({
            attrs,
            inputs: [floats(shape, uniform(-range, range, { avoid: avoid(attrs.options) }))],
          }),
        ),
      oracle: (attrs, x): NdArray => ({
        shape: x.shape,
        data: Array.from(x.data, (v) => formula(attrs.options, v)),
      }),
    },
  );
}

/** The axis of classes, from either end; of a layer it is none of the batch. */
interface Along {
  readonly axis: number;
  readonly layer: boolean;
}

/** A search for activations of rows: `row` maps those along an axis. */
export function rowSearch(
  name: string,
  call: (x: Tensor, axis: number) => Tensor,
  layer: (options: { readonly axis: number }) => Layer<any, any>,
  row: (values: readonly number[]) => number[],
): Laws {
  return searchLaws<Along>(
    name,
    ({ axis, layer: asLayer }, x) => (asLayer ? throughLayer(layer({ axis }), [], x) : call(x, axis)),
    {
      samples: fc
        .record({
          shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
          batch: fc.constantFrom(0, 1, 2),
          at: fc.nat(3),
          negative: fc.boolean(),
          layer: fc.boolean(),
        })
        .map(({ shape: each, batch, at, negative, layer: asLayer }): OpSample<Along> => {
          const shape = asLayer ? [batch, ...each] : each;
          const first = asLayer ? 1 : 0;
          const axis = first + (at % (shape.length - first));
          return { attrs: { axis: negative ? axis - shape.length : axis, layer: asLayer }, inputs: [floats(shape)] };
        }),
      oracle({ axis: given }, { shape, data }) {
        const axis = given < 0 ? given + shape.length : given;
        const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        const along = shape[axis];
        const out = Array.from(data);
        for (let i = 0; i < data.length; i++) {
          if (Math.floor(i / inner) % along !== 0) continue;
          row(Array.from({ length: along }, (_, k) => data[i + k * inner])).forEach((v, k) => (out[i + k * inner] = v));
        }
        return { shape, data: out };
      },
    },
  );
}

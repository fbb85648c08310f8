import { floats, type Laws, type NdArray, type OpSample, searchLaws, throughLayer } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { sizeOf } from '@lemmata/shape';
import { bernoulli, key, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';

interface Search {
  readonly p: number;
  readonly train: boolean;
  readonly layer: boolean;
  readonly seed: number;
}

/** A kind of dropout. */
export interface Dropping {
  readonly call: (x: Tensor, key: Tensor, options: { readonly p: number; readonly train: boolean }) => Tensor;
  readonly layer: (options: { readonly p: number }, rank: number) => Layer<any, any>;
  /** How many axes x has, the batch among them; default: one to four. */
  readonly ranks?: readonly [least: number, most: number];
  /** In which shape the mask is drawn, by the definition of the kind. */
  readonly mask: (shape: readonly number[]) => readonly number[];
  /** What becomes of an element that stays, or does not. Default: x / (1 − p) and 0. */
  readonly element?: (x: number, kept: boolean, p: number) => number;
}

/** A search over shapes, probabilities and modes. The mask is that of the key, drawn apart. */
export function droppingSearch(name: string, kind: Dropping): Laws {
  const { ranks: [least, most] = [1, 4], element = (x, kept, p) => (kept ? x / (1 - p) : 0) } = kind;
  return searchLaws<Search>(
    name,
    ({ p, train, layer, seed }, x) =>
      // A layer draws from the key that it is given, which is that of the search.
      layer ? throughLayer(kind.layer({ p }, x.rank), [], x, { train }) : kind.call(x, key(seed), { p, train }),
    {
      samples: fc
        .record({
          shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: least - 1, maxLength: most - 1 }),
          batch: fc.constantFrom(0, 1, 2),
          p: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
          train: fc.boolean(),
          layer: fc.boolean(),
          seed: fc.nat(1e6),
        })
        .map(
          ({ shape, batch, seed, layer, ...attrs }): OpSample<Search> => ({
            attrs: { ...attrs, layer, seed: layer ? 2 : seed },
            inputs: [floats([batch, ...shape])],
          }),
        ),
      oracle({ p, train, seed }, { shape, data }): NdArray {
        if (!train || p === 0) return { shape, data };
        if (p === 1) return { shape, data: new Array<number>(data.length).fill(0) };
        const drawn = kind.mask(shape);
        const mask = bernoulli(key(seed), 1 - p, [...drawn]).dataSync();
        const values = Array.from(data, (v, i) => {
          let at = 0;
          for (let axis = 0, rest = i; axis < shape.length; axis++) {
            const inner = sizeOf(shape.slice(axis + 1));
            const n = Math.floor(rest / inner);
            rest -= n * inner;
            at = at * drawn[axis] + (drawn[axis] === 1 ? 0 : n);
          }
          return element(v, mask[at] === 1, p);
        });
        return { shape, data: values };
      },
    },
  );
}

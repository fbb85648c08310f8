import { floats, functionOp, type Laws, opLaws, type OpSample, searchLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { reduceAll } from '../oracle.laws.js';
import { GaussianNll, gaussianNll, type GaussianNllOptions } from './gaussian-nll.js';
import { broadcastAt, reductions, shapes } from '../search.laws.js';

/** The logarithm of the density, by its formula. */
function loss(x: number, t: number, v: number, full: boolean): number {
  const density = Math.exp(-((x - t) ** 2) / (2 * v)) / Math.sqrt(v * (full ? 2 * Math.PI : 1));
  return -Math.log(density);
}
/** The same, also where the density is 0 or infinite. */
const stableLoss = (x: number, t: number, v: number, full: boolean): number =>
  (x - t) ** 2 / (2 * v) + Math.log(Math.sqrt(v) * Math.sqrt(full ? 2 * Math.PI : 1));
const variance = uniform(0.5, 3);

export const laws: readonly Laws[] = [
  opLaws(GaussianNll, {
    samples: [{ attrs: {}, inputs: [floats([2, 3]), floats([2, 3]), floats([2, 3], variance)] }],
    invalid: [],
    formula: (_, x, t, v) => loss(x, t, v, false),
  }),
  opLaws(
    functionOp<GaussianNllOptions>('gaussianNll', (options, x, t, v) => gaussianNll(x, t, v, options)),
    {
      samples: [
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 3]), floats([2, 3], variance)] },
        { attrs: { full: true, reduction: 'sum' }, inputs: [floats([2, 3]), floats([2, 3]), floats([2, 1], variance)] },
        { attrs: { reduction: 'none' }, inputs: [floats([2, 3]), floats([2, 3]), floats([2], variance)] },
        { attrs: { reduction: 'none', full: true }, inputs: [floats([2, 3]), floats([1, 3]), floats([], variance)] },
      ],
      invalid: [
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 3]), floats([4, 3])], throws: /gaussianNll/ },
        {
          attrs: {},
          inputs: [floats([3]), floats([3]), floats([2, 3])],
          throws: /the variance must broadcast to the shape of the input/,
        },
        {
          attrs: {},
          inputs: [floats([3]), floats([2, 3]), floats([3])],
          throws: /the target must broadcast to the shape of the input/,
        },
        {
          attrs: { eps: 0 },
          inputs: [floats([3]), floats([3]), floats([3])],
          throws: /eps must be a finite number above 0, received 0/,
        },
        {
          attrs: { full: 1 as never },
          inputs: [floats([3]), floats([3]), floats([3])],
          throws: /full must be true or false, received 1/,
        },
      ],
      oracle({ reduction, full = false }, x, t, v) {
        const at = (a: typeof x, i: number): number => {
          if (a.data.length === 6) return a.data[i];
          if (a.data.length === 3) return a.data[i % 3];
          return a.data.length === 2 ? a.data[Math.floor(i / 3)] : a.data[0];
        };
        return reduceAll(
          x.shape,
          Array.from(x.data, (value, i) => loss(value, at(t, i), at(v, i), full)),
          reduction,
        );
      },
    },
  ),
  searchLaws<GaussianNllOptions>('gaussianNll', (options, x, t, v) => gaussianNll(x, t, v, options), {
    samples: fc
      .record({
        shape: shapes,
        reduction: reductions,
        options: fc.constantFrom({}, { full: true }, { full: false, eps: 1 }),
        shared: fc.constantFrom('no', 'last axis', 'all'),
      })
      .map(({ shape, reduction, options, shared }): OpSample<GaussianNllOptions> => {
        const wide = shared === 'all' ? [] : shared === 'last axis' ? shape.slice(-1) : shape;
        return {
          attrs: { ...options, ...reduction },
          inputs: [floats(shape), floats(shape), floats(wide, 'eps' in options ? uniform(1.1, 3) : variance)],
        };
      }),
    refuses: (_, _x, _t, v) => (Array.from(v.data).some((value) => value < 0) ? /variances are not negative/ : null),
    oracle({ reduction, full = false, eps = 1e-6 }, x, t, v) {
      // A variance with all axes but the last is one for each row, be that ambiguous.
      const rows = v.shape.join() === x.shape.slice(0, -1).join();
      const wide = rows ? { shape: [...v.shape, 1], data: v.data } : v;
      const each = Array.from(x.data, (value, i) =>
        stableLoss(value, t.data[i], Math.max(eps, broadcastAt(wide, x.shape, i)), full),
      );
      return reduceAll(x.shape, each, reduction);
    },
  }),
];

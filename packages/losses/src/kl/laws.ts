import { floats, functionOp, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { reduceAll } from '../oracle.laws.js';
import { Kl, kl, type KlOptions } from './kl.js';
import { comparedSearch } from '../search.laws.js';

/** Away from 0, where there is no derivative by the target. */
const t = uniform(0.1, 1);
const reductions = [
  {},
  { reduction: 'sum' as const },
  { reduction: 'none' as const },
  { reduction: 'batchmean' as const },
];

export const laws: readonly Laws[] = [
  opLaws(Kl, {
    samples: (['nan', 'zero'] as const).map((gradientAtZero) => ({
      attrs: { gradientAtZero },
      inputs: [floats([2, 3], uniform(-4, 0)), floats([2, 3], t)],
    })),
    invalid: [],
    formula: (_, x, t) => t * Math.log(t / Math.exp(x)),
  }),
  ...[false, true].map((logTarget) =>
    opLaws(
      functionOp<KlOptions>(logTarget ? 'kl of logarithms' : 'kl', (options, x, t) =>
        kl(x, t, { ...options, logTarget }),
      ),
      {
        samples: reductions.map((attrs) => ({
          attrs,
          inputs: [floats([2, 3], uniform(-4, 0)), floats([2, 3], logTarget ? uniform(-4, 0) : t)],
        })),
        invalid: [
          { attrs: {}, inputs: [floats([2, 3]), floats([3])], throws: /kl: the target has the shape of the input/ },
          {
            attrs: { reduction: 'abc' as never },
            inputs: [floats([2]), floats([2])],
            throws: /one of 'mean', 'batchmean', 'sum', 'none'; received 'abc'/,
          },
          {
            attrs: { reduction: 'batchmean' },
            inputs: [floats([]), floats([])],
            throws: /'batchmean' divides by the first axis/,
          },
        ],
        oracle({ reduction }, x, t) {
          const losses = Array.from(x.data, (v, i) => {
            const p = logTarget ? Math.exp(t.data[i]) : t.data[i];
            return p * Math.log(p / Math.exp(v));
          });
          return reduction === 'batchmean'
            ? reduceAll(x.shape, losses, 'mean', x.shape[0])
            : reduceAll(x.shape, losses, reduction);
        },
      },
    ),
  ),
  ...[false, true].map((logTarget) =>
    comparedSearch(logTarget ? 'kl of logarithms' : 'kl', {
      call: (x, y, options) => kl(x, y, { ...options, logTarget }),
      loss: (_, x, y) => (logTarget ? Math.exp(y) * (y - x) : y === 0 ? 0 : y * (Math.log(y) - x)),
      x: uniform(-4, 0),
      batchmean: true,
      // Targets of 0 too, by which there is a derivative only if one is chosen.
      target: logTarget ? uniform(-4, 0) : (size) => t(size).map((list) => list.map((v, i) => (i % 3 === 1 ? 0 : v))),
      options: fc.constantFrom<Pick<KlOptions, 'gradientAtZero'>[]>(
        {},
        { gradientAtZero: 'nan' },
        { gradientAtZero: 'zero' },
      ),
      derivatives({ gradientAtZero = 'nan' }, x, y) {
        if (logTarget) return [-Math.exp(y), Math.exp(y) * (y - x + 1)];
        return [-y, y === 0 ? { nan: NaN, zero: 0 }[gradientAtZero as 'nan' | 'zero'] : Math.log(y) + 1 - x];
      },
    }),
  ),
];

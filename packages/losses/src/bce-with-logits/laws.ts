import { floats, functionOp, type Laws, opLaws, uniform } from '@lemmata/laws';
import { reduceAll } from '../oracle.laws.js';
import { BceWithLogits, bceWithLogits, type BceWithLogitsOptions } from './bce-with-logits.js';
import { comparedSearch } from '../search.laws.js';

/** By the logarithms of the probabilities. */
function loss(x: number, t: number, w: number): number {
  const p = 1 / (1 + Math.exp(-x));
  return -(w * t * Math.log(p) + (1 - t) * Math.log(1 - p));
}
/** ln(1 + eˣ), also where eˣ overflows. */
const stableSoftplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const x = uniform(-4, 4);
const t = uniform(0, 1);

type Options = Omit<BceWithLogitsOptions, 'weight' | 'posWeight'>;

export const laws: readonly Laws[] = [
  opLaws(BceWithLogits, {
    samples: [{ attrs: {}, inputs: [floats([2, 3], x), floats([2, 3], t), floats([2, 3], uniform(0.5, 3))] }],
    invalid: [],
    formula: (_, x, t, w) => loss(x, t, w),
  }),
  opLaws(
    functionOp<Options>('bceWithLogits', (options, x, t, weight, posWeight) =>
      bceWithLogits(x, t, { ...options, weight, posWeight }),
    ),
    {
      samples: [{}, { reduction: 'sum' as const }, { reduction: 'none' as const }].map((attrs) => ({
        attrs,
        inputs: [floats([1, 2], x), floats([1, 2], t), floats([1, 1]), floats([2], uniform(0.5, 3))],
      })),
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([3]), floats([1]), floats([1])],
          throws: /bceWithLogits: the target has the shape of the input/,
        },
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 3]), floats([1]), floats([2])], throws: /bceWithLogits/ },
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 3]), floats([1]), floats([4, 2, 3])],
          throws: /posWeight must broadcast to the shape of the input/,
        },
        {
          attrs: {},
          inputs: [floats([3]), floats([3]), floats([2, 3]), floats([3])],
          throws: /weight must broadcast to the shape of the input \(received \[2, 3\], expected \[3\]\)/,
        },
      ],
      oracle: ({ reduction }, x, t, weight, posWeight) =>
        reduceAll(
          x.shape,
          Array.from(x.data, (v, i) => weight.data[0] * loss(v, t.data[i], posWeight.data[i])),
          reduction,
        ),
    },
  ),
  comparedSearch('bceWithLogits', {
    call: bceWithLogits,
    loss: (_, x, y, { posWeight: w = 1 }) => w * y * stableSoftplus(-x) + (1 - y) * stableSoftplus(x),
    x,
    target: t,
    weights: ['weight', 'posWeight'],
  }),
];

import { floats, functionOp, type Laws, opLaws, uniform } from '@lemmata/laws';
import { elementwiseOracle } from '../oracle.laws.js';
import { Bce, bce, type BceOptions } from './bce.js';
import { comparedSearch } from '../search.laws.js';

/** With logarithms cut at −100. */
const loss = (p: number, t: number): number =>
  -(t * Math.max(Math.log(p), -100) + (1 - t) * Math.max(Math.log(1 - p), -100));
/** Away from 0 and 1, where the logarithms are cut. */
const p = uniform(0.1, 0.9);
const t = uniform(0, 1);

export const laws: readonly Laws[] = [
  opLaws(Bce, {
    samples: [{ attrs: {}, inputs: [floats([2, 3], p), floats([2, 3], t)] }],
    invalid: [
      {
        attrs: {},
        inputs: [floats([2]), floats([3])],
        throws:
          /^bce: probabilities and targets have one shape and floating dtype \(received 'float\d\d\[2\] and float\d\d\[3\]'\)\.$/,
      },
    ],
    oracle: (_, x, y) => ({ shape: x.shape, data: Array.from(x.data, (v, i) => loss(v, y.data[i])) }),
  }),
  opLaws(
    functionOp<BceOptions>('bce', (options, x, y) => bce(x, y, options)),
    {
      samples: [{}, { reduction: 'sum' as const }, { reduction: 'none' as const }].map((attrs) => ({
        attrs,
        inputs: [floats([2, 3], p), floats([2, 3], t)],
      })),
      invalid: [
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 4])], throws: /bce: the target has the shape of the input/ },
        { attrs: { reduction: 'abc' as never }, inputs: [floats([2]), floats([2])], throws: /received 'abc'/ },
      ],
      oracle: elementwiseOracle<BceOptions>((_, x, y) => loss(x, y)),
    },
  ),
  comparedSearch('bce', {
    call: bce,
    loss: (_, x, y) => loss(x, y),
    x: p,
    target: t,
    weights: ['weight'],
    refuses: (v) => (v < 0 || v > 1 ? /bce: the input holds probabilities, from 0 to 1; received/ : null),
  }),
];

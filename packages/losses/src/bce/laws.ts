import { floats, functionOp, type Laws, opLaws, uniform } from '@lemmata/laws';
import { elementwiseOracle } from '../oracle.laws.js';
import { Bce, bce, type BceOptions } from './bce.js';
import { comparedSearch } from '../search.laws.js';

const loss = (p: number, t: number): number => -(t * Math.log(p) + (1 - t) * Math.log(1 - p));
/** Away from 0 and 1, where the logarithms are cut. */
const p = uniform(0.1, 0.9);
const t = uniform(0, 1);

export const laws: readonly Laws[] = [
  opLaws(Bce, {
    samples: [{ attrs: {}, inputs: [floats([2, 3], p), floats([2, 3], t)] }],
    invalid: [{ attrs: {}, inputs: [floats([2]), floats([3])], throws: /one shape and floating dtype/ }],
    oracle: (_, x, y) => ({ shape: x.shape, data: Array.from(x.data, (v, i) => loss(v, y.data[i])) }),
    known: [{ law: 'NaN in, NaN out', reason: 'it moves inputs by a thousand, and what is no probability is refused' }],
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
      known: [
        { law: 'NaN in, NaN out', reason: 'it moves inputs by a thousand, and what is no probability is refused' },
      ],
    },
  ),
  comparedSearch('bce', {
    call: bce,
    loss: (_, x, y) => loss(x, y),
    x: p,
    target: t,
    weighted: true,
    finiteOnly: 'what is no probability is refused',
  }),
];

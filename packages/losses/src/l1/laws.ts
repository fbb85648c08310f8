import { floats, functionOp, type Laws, opLaws, uniform } from '@lemmata/laws';
import { elementwiseOracle } from '../oracle.laws.js';
import type { ReductionOptions } from '../reduction.js';
import { l1 } from './l1.js';
import { comparedSearch } from '../search.laws.js';

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<ReductionOptions>('l1', (options, x, t) => l1(x, t, options)),
    {
      samples: [{}, { reduction: 'sum' as const }, { reduction: 'none' as const }].map((attrs) => ({
        attrs,
        inputs: [floats([2, 3], uniform(-2, -0.5)), floats([2, 3], uniform(0, 2))],
      })),
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 4])],
          throws: /l1: the target has the shape of the input \(received \[2, 4\], expected \[2, 3\]\)/,
        },
        { attrs: {}, inputs: [floats([3]), floats([3, 1])], throws: /Reshape one of them/ },
        {
          attrs: { reduction: 'abc' as never },
          inputs: [floats([2]), floats([2])],
          throws: /reduction is one of 'mean', 'sum', 'none'; received 'abc'/,
        },
        { attrs: { reduce: true } as never, inputs: [floats([2]), floats([2])], throws: /unknown option 'reduce'/ },
      ],
      oracle: elementwiseOracle<ReductionOptions>((_, x, t) => Math.abs(x - t)),
    },
  ),
  comparedSearch('l1', { call: l1, loss: (_, x, t) => Math.abs(x - t) }),
];

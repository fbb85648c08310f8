import { floats, functionOp, type Laws, opLaws } from '@lemmata/laws';
import * as fc from 'fast-check';
import { apartFrom, elementwiseOracle } from '../oracle.laws.js';
import { smoothL1, type SmoothL1Options } from './smooth-l1.js';
import { comparedSearch } from '../search.laws.js';

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<SmoothL1Options>('smoothL1', (options, x, t) => smoothL1(x, t, options)),
    {
      samples: [
        {},
        { beta: 0.7, reduction: 'sum' as const },
        { beta: 2.2, reduction: 'none' as const },
        { beta: 0 },
      ].map((attrs) => ({ attrs, inputs: apartFrom('beta' in attrs ? attrs.beta : 1) })),
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 4])],
          throws: /smoothL1: the target has the shape of the input \(received \[2, 4\], expected \[2, 3\]\)/,
        },
        { attrs: {}, inputs: [floats([3]), floats([3, 1])], throws: /Reshape one of them/ },
        {
          attrs: { reduction: 'abc' as never },
          inputs: [floats([2]), floats([2])],
          throws: /reduction is one of 'mean', 'sum', 'none'; received 'abc'/,
        },
        { attrs: { reduce: true } as never, inputs: [floats([2]), floats([2])], throws: /unknown option 'reduce'/ },
        {
          attrs: { beta: -1 },
          inputs: [floats([2]), floats([2])],
          throws: /beta must be a finite number of at least 0, received -1/,
        },
      ],
      oracle: elementwiseOracle<SmoothL1Options>(({ beta = 1 }, x, t) =>
        Math.abs(x - t) < beta ? (x - t) ** 2 / (2 * beta) : Math.abs(x - t) - beta / 2,
      ),
    },
  ),
  comparedSearch('smoothL1', {
    call: smoothL1,
    options: fc.constantFrom({}, { beta: 0 }, { beta: 0.7 }, { beta: 2.2 }),
    kinks: 'the second derivative jumps at β',
    loss: ({ beta = 1 }, x, t) => (Math.abs(x - t) < beta ? (x - t) ** 2 / (2 * beta) : Math.abs(x - t) - beta / 2),
  }),
];

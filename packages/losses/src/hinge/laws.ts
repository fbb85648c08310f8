import { floats, functionOp, type Laws, oneOf, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { elementwiseOracle } from '../oracle.laws.js';
import { Hinge, hinge, type HingeOptions } from './hinge.js';
import { comparedSearch } from '../search.laws.js';

export const laws: readonly Laws[] = [
  opLaws(Hinge, {
    samples: [{ margin: 1 }, { margin: 0.5 }].map((attrs) => ({
      attrs,
      inputs: [floats([2, 3], uniform(-3, 3, { avoid: [-2, -1, -0.5, 0.5, 1, 2] })), floats([2, 3], oneOf(-1, 1))],
    })),
    invalid: [],
    formula: ({ margin }, x, t) => Math.max(0, margin - t * x),
  }),
  opLaws(
    functionOp<HingeOptions>('hinge', (options, x, t) => hinge(x, t, options)),
    {
      samples: [{}, { margin: 0.5, reduction: 'sum' as const }, { margin: 2, reduction: 'none' as const }].map(
        (attrs) => ({
          attrs,
          inputs: [floats([2, 3], uniform(-3, 3, { avoid: [-2, -1, -0.5, 0.5, 1, 2] })), floats([2, 3], oneOf(-1, 1))],
        }),
      ),
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 4])],
          throws: /hinge: the target has the shape of the input \(received \[2, 4\], expected \[2, 3\]\)/,
        },
        { attrs: {}, inputs: [floats([3]), floats([3, 1])], throws: /Reshape one of them/ },
        {
          attrs: { reduction: 'abc' as never },
          inputs: [floats([2]), floats([2])],
          throws: /reduction is one of 'mean', 'sum', 'none'; received 'abc'/,
        },
        { attrs: { reduce: true } as never, inputs: [floats([2]), floats([2])], throws: /unknown option 'reduce'/ },
        {
          attrs: { margin: NaN },
          inputs: [floats([2]), floats([2])],
          throws: /margin must be a finite number, received NaN/,
        },
      ],
      oracle: elementwiseOracle<HingeOptions>(({ margin = 1 }, x, t) => Math.max(0, margin - t * x)),
    },
  ),
  comparedSearch('hinge', {
    call: hinge,
    options: fc.constantFrom({}, { margin: 0.3 }, { margin: -1 }),
    loss: ({ margin = 1 }, x, y) => Math.max(0, margin - x * y),
    kinks: 'scores may lie at the margin',
  }),
];

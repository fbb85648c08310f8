import { floats, functionOp, type Laws, opLaws } from '@lemmata/laws';
import * as fc from 'fast-check';
import { apartFrom, elementwiseOracle } from '../oracle.laws.js';
import { Huber, huber, type HuberOptions } from './huber.js';
import { comparedSearch } from '../search.laws.js';

export const laws: readonly Laws[] = [
  opLaws(Huber, {
    samples: [{ delta: 1 }, { delta: 0.75 }].map((attrs) => ({
      attrs,
      inputs: apartFrom(attrs.delta),
    })),
    invalid: [],
    formula: ({ delta }, x, t) => (Math.abs(x - t) <= delta ? (x - t) ** 2 / 2 : delta * (Math.abs(x - t) - delta / 2)),
  }),
  opLaws(
    functionOp<HuberOptions>('huber', (options, x, t) => huber(x, t, options)),
    {
      samples: [{}, { delta: 0.7, reduction: 'sum' as const }, { delta: 2.2, reduction: 'none' as const }].map(
        (attrs) => ({ attrs, inputs: apartFrom('delta' in attrs ? attrs.delta : 1) }),
      ),
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 4])],
          throws: /huber: the target has the shape of the input \(received \[2, 4\], expected \[2, 3\]\)/,
        },
        { attrs: {}, inputs: [floats([3]), floats([3, 1])], throws: /Reshape one of them/ },
        {
          attrs: { reduction: 'abc' as never },
          inputs: [floats([2]), floats([2])],
          throws: /reduction is one of 'mean', 'sum', 'none'; received 'abc'/,
        },
        { attrs: { reduce: true } as never, inputs: [floats([2]), floats([2])], throws: /unknown option 'reduce'/ },
        {
          attrs: { delta: 0 },
          inputs: [floats([2]), floats([2])],
          throws: /delta must be a finite number above 0, received 0/,
        },
      ],
      oracle: elementwiseOracle<HuberOptions>(({ delta = 1 }, x, t) =>
        Math.abs(x - t) <= delta ? (x - t) ** 2 / 2 : delta * (Math.abs(x - t) - delta / 2),
      ),
    },
  ),
  comparedSearch('huber', {
    call: huber,
    options: fc.constantFrom({}, { delta: 0.7 }, { delta: 2.2 }),
    kinks: 'the second derivative jumps at δ',
    loss: ({ delta = 1 }, x, t) =>
      Math.abs(x - t) <= delta ? (x - t) ** 2 / 2 : delta * (Math.abs(x - t) - delta / 2),
  }),
];

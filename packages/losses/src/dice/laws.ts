import { floats, functionOp, type Laws, type NdArray, opLaws, type OpSample, searchLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { reduceAll } from '../oracle.laws.js';
import { dice, type DiceOptions } from './dice.js';
import { reductions } from '../search.laws.js';

const p = uniform(0.05, 1);

/** Mask by mask. */
function oracle({ smooth = 1, reduction }: DiceOptions, x: NdArray, t: NdArray): NdArray {
  const [batch, channels, ...places] = x.shape;
  const count = places.reduce((a, b) => a * b, 1);
  const losses = Array.from({ length: batch * channels }, (_, k) => {
    const total = (f: (x: number, t: number) => number): number => {
      let sum = 0;
      for (let i = k * count; i < (k + 1) * count; i++) sum += f(x.data[i], t.data[i]);
      return sum;
    };
    return 1 - (2 * total((a, b) => a * b) + smooth) / (total((a, b) => a + b) + smooth);
  });
  return reduceAll([batch, channels], losses, reduction);
}

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<DiceOptions>('dice', (options, x, t) => dice(x, t, options)),
    {
      samples: [
        { attrs: {}, inputs: [floats([2, 2, 3], p), floats([2, 2, 3], p)] },
        { attrs: { smooth: 0.1, reduction: 'sum' }, inputs: [floats([2, 1, 2, 2], p), floats([2, 1, 2, 2], p)] },
        { attrs: { smooth: 0, reduction: 'none' }, inputs: [floats([1, 3, 4], p), floats([1, 3, 4], p)] },
      ],
      invalid: [
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 3])], throws: /at least one axis of places/ },
        {
          attrs: {},
          inputs: [floats([2, 3, 4]), floats([2, 4])],
          throws: /dice: the target has the shape of the input/,
        },
        {
          attrs: { smooth: -1 },
          inputs: [floats([2, 3, 4]), floats([2, 3, 4])],
          throws: /smooth must be a finite number of at least 0, received -1/,
        },
      ],
      oracle,
    },
  ),
  searchLaws<DiceOptions>('dice', (options, x, t) => dice(x, t, options), {
    samples: fc
      .record({
        shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 }),
        batch: fc.constantFrom(0, 1, 2),
        smooth: fc.constantFrom({}, { smooth: 0 }, { smooth: 0.3 }),
        reduction: reductions,
      })
      .map(
        ({ shape, batch, smooth, reduction }): OpSample<DiceOptions> => ({
          attrs: { ...smooth, ...reduction },
          inputs: [floats([batch, ...shape], p), floats([batch, ...shape], p)],
        }),
      ),
    oracle,
  }),
];

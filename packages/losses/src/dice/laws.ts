import { floats, functionOp, type Laws, type NdArray, opLaws, uniform } from '@lemmata/laws';
import { reduceAll } from '../oracle.laws.js';
import { dice, type DiceOptions } from './dice.js';

const p = uniform(0.05, 1);

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
      oracle({ smooth = 1, reduction }, x, t) {
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
        return reduceAll([batch, channels], losses, reduction) satisfies NdArray;
      },
    },
  ),
];

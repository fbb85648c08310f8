import { floats, functionOp, type Laws, opLaws } from '@lemmata/laws';
import { oneOf, type InputSpec } from '@lemmata/laws';
import { classOracle } from '../class-oracle.laws.js';
import { nll, type NllOptions } from './nll.js';
import { classSearch } from '../search.laws.js';

type Options = Omit<NllOptions, 'weight'>;
const classes = (shape: readonly number[], ...numbers: number[]): InputSpec => ({
  shape,
  dtype: 'int32',
  values: oneOf(...numbers),
  exact: oneOf(...numbers),
});

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<Options>('nll', (options, x, targets, weight?) =>
      nll(x, targets, { ...options, ...(weight && { weight }) }),
    ),
    {
      samples: [
        { attrs: {}, inputs: [floats([3, 4]), classes([3], 0, 1, 2, 3)] },
        { attrs: { reduction: 'none' }, inputs: [floats([2, 3, 2, 2]), classes([2, 2, 2], 0, 1, 2, -100)] },
        { attrs: { reduction: 'sum', ignoreIndex: 1 }, inputs: [floats([4, 3]), classes([4], 0, 1, 2), floats([3])] },
        { attrs: { reduction: 'none' }, inputs: [floats([3]), classes([], 0, 1, 2)] },
      ],
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), classes([1], 0)],
          throws: /nll: .*without its axis of classes \(received \[1\], expected \[2\]\)/,
        },
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 3])],
          throws: /targets are int32 class numbers, received float64/,
        },
        {
          attrs: {},
          inputs: [floats([2, 3]), classes([2], 0), floats([2])],
          throws: /weight has one element for each of the 3 classes/,
        },
        { attrs: { reduction: 'abc' as never }, inputs: [floats([2, 3]), classes([2], 0)], throws: /received 'abc'/ },
        {
          attrs: { ignoreIndex: 0.5 },
          inputs: [floats([2, 3]), classes([2], 0)],
          throws: /ignoreIndex must be an int32, received 0.5/,
        },
      ],
      oracle: classOracle((x) => x),
    },
  ),
  classSearch('nll', nll, (row) => row, false),
];

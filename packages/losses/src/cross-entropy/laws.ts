import { floats, functionOp, type InputSpec, type Laws, oneOf, opLaws, uniform } from '@lemmata/laws';
import { classOracle, plainLogSoftmax, stableLogSoftmax } from '../class-oracle.laws.js';
import { ClassIndicator } from '../class-targets.js';
import { crossEntropy, type CrossEntropyOptions } from './cross-entropy.js';
import { SoftmaxCrossEntropy } from './op.js';
import { classSearch } from '../search.laws.js';

type Options = Omit<CrossEntropyOptions, 'weight'>;
const classes = (shape: readonly number[], ...numbers: number[]): InputSpec => ({
  shape,
  dtype: 'int32',
  values: oneOf(...numbers),
  exact: oneOf(...numbers),
});
const probabilities = uniform(0, 1);
const CrossEntropy = functionOp<Options>('crossEntropy', (options, x, targets, weight?) =>
  crossEntropy(x, targets, { ...options, ...(weight && { weight }) }),
);

export const laws: readonly Laws[] = [
  opLaws(SoftmaxCrossEntropy, {
    samples: [
      { attrs: {}, inputs: [floats([3, 4]), floats([3, 4])] },
      { attrs: {}, inputs: [floats([2, 3, 2]), floats([2, 3, 2])] },
    ],
    invalid: [
      {
        attrs: {},
        inputs: [floats([2, 3]), floats([3, 2])],
        throws:
          /^softmaxCrossEntropy: logits and targets are \[N, C, \.\.\.\] of one shape and floating dtype \(received 'float\d\d\[2, 3\] and float\d\d\[3, 2\]'\)\.$/,
      },
      { attrs: {}, inputs: [floats([2, 3]), classes([2, 3], 0, 1)], throws: /float\d\d\[2, 3\] and int32\[2, 3\]/ },
      { attrs: {}, inputs: [floats([3]), floats([3])], throws: /logits and targets are/ },
    ],
    oracle: (_, z, q) => classOracle(plainLogSoftmax)({ reduction: 'none' }, z, q),
  }),
  opLaws(ClassIndicator, {
    samples: [
      { attrs: { op: 'test', classes: 3, ignoreIndex: -100, dtype: 'float32' }, inputs: [classes([4], 0, 1, 2, -100)] },
      { attrs: { op: 'test', classes: 2, ignoreIndex: 1, dtype: 'float64' }, inputs: [classes([2, 3, 2], 0, 1)] },
    ],
    invalid: [],
    oracle({ classes, ignoreIndex }, { shape: [batch, ...places], data }) {
      const inner = places.reduce((a, b) => a * b, 1);
      const rows = Array.from({ length: batch * classes * inner }, (_, i) => {
        const target = data[Math.floor(i / (classes * inner)) * inner + (i % inner)];
        return target !== ignoreIndex && Math.floor(i / inner) % classes === target ? 1 : 0;
      });
      return { shape: [batch, classes, ...places], data: rows };
    },
  }),
  opLaws(CrossEntropy, {
    samples: [
      { attrs: {}, inputs: [floats([3, 4]), classes([3], 0, 1, 2, 3)] },
      { attrs: { reduction: 'none' }, inputs: [floats([2, 3, 2, 2]), classes([2, 2, 2], 0, 1, 2, -100)] },
      {
        attrs: { reduction: 'sum', ignoreIndex: 1, labelSmoothing: 0.2 },
        inputs: [floats([4, 3]), classes([4], 0, 1, 2), floats([3])],
      },
      { attrs: { reduction: 'none', labelSmoothing: 1 }, inputs: [floats([3]), classes([], 0, 1, 2)] },
      { attrs: { labelSmoothing: 0.1 }, inputs: [floats([2, 3]), classes([2], 0, 1, 2), floats([3], uniform(0.5, 2))] },
    ],
    invalid: [
      {
        attrs: {},
        inputs: [floats([2, 3]), classes([3], 0)],
        throws: /crossEntropy: .*without its axis of classes \(received \[3\], expected \[2\]\)/,
      },
      {
        attrs: {},
        inputs: [floats([2, 3]), floats([2, 4])],
        throws: /probabilities have the shape of the input \(received \[2, 4\], expected \[2, 3\]\)/,
      },
      {
        attrs: {},
        inputs: [floats([2, 3]), floats([2])],
        throws: /For class numbers, cast them with cast\(targets, 'int32'\)/,
      },
      { attrs: {}, inputs: [floats([]), classes([], 0)], throws: /the input is \[N, C, \.\.\.\] or \[C\]/ },
      {
        attrs: {},
        inputs: [classes([2, 3], 0), classes([2], 0)],
        throws: /the input is float32 or float64, received int32/,
      },
      {
        attrs: {},
        inputs: [floats([2, 3]), classes([2], 0), floats([2])],
        throws: /weight has one element for each of the 3 classes \(received \[2\], expected \[3\]\)/,
      },
      {
        attrs: { reduction: 'batchmean' as never },
        inputs: [floats([2, 3]), classes([2], 0)],
        throws: /received 'batchmean'/,
      },
      {
        attrs: { labelSmoothing: 1.1 },
        inputs: [floats([2, 3]), classes([2], 0)],
        throws: /labelSmoothing lies between 0 and 1, received 1.1/,
      },
      {
        attrs: { smoothing: 0.1 } as never,
        inputs: [floats([2, 3]), classes([2], 0)],
        throws: /unknown option 'smoothing'/,
      },
    ],
    oracle: classOracle(plainLogSoftmax),
  }),
  opLaws(
    { ...CrossEntropy, name: 'crossEntropy of probabilities' },
    {
      samples: [
        { attrs: {}, inputs: [floats([3, 4]), floats([3, 4], probabilities)] },
        {
          attrs: { reduction: 'none', labelSmoothing: 0.3 },
          inputs: [floats([2, 3, 2]), floats([2, 3, 2], probabilities), floats([3])],
        },
        { attrs: { reduction: 'sum' }, inputs: [floats([3]), floats([3], probabilities)] },
      ],
      invalid: [],
      oracle: classOracle(plainLogSoftmax),
    },
  ),
  classSearch('crossEntropy', crossEntropy, stableLogSoftmax, true),
];

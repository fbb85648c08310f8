import { floats, functionOp, layerLaws, type Laws, type NdArray, opLaws, searchLaws } from '@lemmata/laws';
import { bilinear, bilinearLayer } from './bilinear.js';
import { bilinearCall, bilinearSearch } from './search.laws.js';

const Bilinear = functionOp('bilinear', (_: {}, x1, x2, weight, bias?) => bilinear(x1, x2, weight, bias));

/** Row by row and output by output: every product of one feature of either input. */
function oracle(_: unknown, x1: NdArray, x2: NdArray, weight: NdArray, bias?: NdArray): NdArray {
  const [out, in1, in2] = weight.shape;
  const rows = x1.data.length / in1;
  const data = new Array<number>(rows * out).fill(0);
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < out; o++) {
      for (let i = 0; i < in1; i++) {
        for (let j = 0; j < in2; j++)
          data[n * out + o] += x1.data[n * in1 + i] * weight.data[(o * in1 + i) * in2 + j] * x2.data[n * in2 + j];
      }
      if (bias) data[n * out + o] += bias.data[o];
    }
  }
  return { shape: [...x1.shape.slice(0, -1), out], data };
}

export const laws: readonly Laws[] = [
  // Linear in each by itself, while there is no bias.
  opLaws(
    { ...Bilinear, linearIn: [0, 1, 2] },
    {
      samples: [
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 4]), floats([2, 3, 4])] },
        { attrs: {}, inputs: [floats([3]), floats([1]), floats([2, 3, 1])] },
        { attrs: {}, inputs: [floats([2, 1, 2]), floats([2, 1, 3]), floats([1, 2, 3])] },
      ],
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([2, 4]), floats([5, 3, 3])],
          throws: /weight reads 3 features of x2 \(axis 1, received 4, expected 3\)/,
        },
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([1, 4]), floats([5, 3, 4])],
          throws: /both inputs have the same axes before the last \(received \[1\], expected \[2\]\)/,
        },
        { attrs: {}, inputs: [floats([2, 3]), floats([2, 4]), floats([3, 4])], throws: /weight is \[out, in1, in2\]/ },
        { attrs: {}, inputs: [floats([]), floats([]), floats([1, 1, 1])], throws: /2 problems/ },
      ],
      oracle,
    },
  ),
  opLaws(Bilinear, {
    samples: [
      { attrs: {}, inputs: [floats([2, 3]), floats([2, 2]), floats([4, 3, 2]), floats([4])] },
      { attrs: {}, inputs: [floats([0, 3]), floats([0, 2]), floats([4, 3, 2]), floats([4])] },
    ],
    invalid: [
      {
        attrs: {},
        inputs: [floats([2, 3]), floats([2, 2]), floats([4, 3, 2]), floats([3])],
        throws: /bias has one element for each of the 4 outputs/,
      },
    ],
    oracle,
  }),
  layerLaws('bilinearLayer', {
    samples: [
      { layer: bilinearLayer({ outFeatures: 4, in1Features: 2 }), inputShape: [5] },
      { layer: bilinearLayer({ outFeatures: 2, in1Features: 1, bias: false }), inputShape: [2] },
      { layer: bilinearLayer({ outFeatures: 2, in1Features: 2, in2Features: 2 }), inputShape: [3, 4] },
    ],
    invalid: [
      {
        layer: bilinearLayer({ outFeatures: 2, in1Features: 3 }),
        inputShape: [3],
        throws: /holds more than the in1Features 3, for it holds both inputs \(received \[3\]\)/,
      },
      {
        layer: bilinearLayer({ outFeatures: 2, in1Features: 3, in2Features: 2 }),
        inputShape: [6],
        throws: /holds 2 more than the in1Features 3/,
      },
      { layer: bilinearLayer({ outFeatures: 2, in1Features: 1 }), inputShape: [], throws: /for it holds both inputs/ },
    ],
  }),
  searchLaws('bilinear', bilinearCall, bilinearSearch),
];

import { floats, functionOp, layerLaws, type Laws, type NdArray, opLaws, searchLaws } from '@lemmata/laws';
import { linear, linearLayer } from './linear.js';
import { linearCall, linearSearch } from './search.laws.js';

const Linear = functionOp('linear', (_: {}, x, weight, bias?) => linear(x, weight, bias));

/** Row by row and output by output. */
function oracle(_: unknown, x: NdArray, weight: NdArray, bias?: NdArray): NdArray {
  const [outputs, inputs] = weight.shape;
  const rows = x.data.length / inputs;
  const data = new Array<number>(rows * outputs).fill(0);
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) data[n * outputs + o] += x.data[n * inputs + i] * weight.data[o * inputs + i];
      if (bias) data[n * outputs + o] += bias.data[o];
    }
  }
  return { shape: [...x.shape.slice(0, -1), outputs], data };
}

export const laws: readonly Laws[] = [
  // Linear in x and in the weight by themselves, while there is no bias.
  opLaws(
    { ...Linear, linearIn: [0, 1] },
    {
      samples: [
        { attrs: {}, inputs: [floats([2, 3]), floats([4, 3])] },
        { attrs: {}, inputs: [floats([3]), floats([2, 3])] },
        { attrs: {}, inputs: [floats([2, 1, 2, 3]), floats([1, 3])] },
      ],
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 3]), floats([4, 2])],
          throws: /weight reads 2 features \(axis 1, received 3, expected 2\)/,
        },
        { attrs: {}, inputs: [floats([2, 3, 3, 3]), floats([4, 27])], throws: /Flatten images first/ },
        { attrs: {}, inputs: [floats([]), floats([4, 2])], throws: /x is \[\.\.\., in\]/ },
        { attrs: {}, inputs: [floats([2, 3]), floats([3])], throws: /weight is \[out, in\] \(received \[3\]\)/ },
      ],
      oracle,
    },
  ),
  opLaws(Linear, {
    samples: [
      { attrs: {}, inputs: [floats([2, 3]), floats([4, 3]), floats([4])] },
      { attrs: {}, inputs: [floats([2, 2, 1]), floats([2, 1]), floats([2])] },
      { attrs: {}, inputs: [floats([0, 3]), floats([2, 3]), floats([2])] },
    ],
    invalid: [
      {
        attrs: {},
        inputs: [floats([2, 3]), floats([4, 3]), floats([3])],
        throws: /bias has one element for each of the 4 outputs/,
      },
      { attrs: {}, inputs: [floats([2, 3]), floats([4, 2]), floats([3])], throws: /2 problems/ },
    ],
    oracle,
  }),
  layerLaws('linearLayer', {
    samples: [
      { layer: linearLayer({ outFeatures: 4 }), inputShape: [3] },
      { layer: linearLayer({ outFeatures: 2, bias: false }), inputShape: [3] },
      { layer: linearLayer({ outFeatures: 2 }), inputShape: [2, 3] },
    ],
    invalid: [
      { layer: linearLayer({ outFeatures: 2 }), inputShape: [], throws: /at least one feature/ },
      {
        layer: linearLayer({ outFeatures: 2, inFeatures: 4 }),
        inputShape: [3],
        throws: /the last axis of the input holds inFeatures 4 \(received \[3\]\)/,
      },
    ],
  }),
  searchLaws('linear', linearCall, linearSearch),
];

import { floats, functionOp, layerLaws, type Laws, type NdArray, opLaws, uniform, searchLaws } from '@lemmata/laws';
import { Prelu, prelu, preluLayer } from './prelu.js';
import { preluCall, preluSearch } from './search.laws.js';

const values = uniform(-2, 2, { avoid: [0] });

/** Element by element, by the channel of its index. */
function oracle(_: unknown, x: NdArray, weight: NdArray): NdArray {
  const [, channels = 1, ...rest] = x.shape;
  const inner = rest.reduce((a, b) => a * b, 1);
  const slope = (i: number): number => weight.data[weight.data.length === 1 ? 0 : Math.floor(i / inner) % channels];
  return { shape: x.shape, data: Array.from(x.data, (v, i) => (v > 0 ? v : slope(i) * v)) };
}

export const laws: readonly Laws[] = [
  opLaws(Prelu, {
    samples: [{ attrs: {}, inputs: [floats([2, 3], values), floats([2, 3])] }],
    invalid: [],
    formula: (_, x, slope) => (x > 0 ? x : slope * x),
  }),
  opLaws(
    functionOp('prelu by channel', (_: {}, x, weight) => prelu(x, weight)),
    {
      samples: [
        { attrs: {}, inputs: [floats([2, 3, 2], values), floats([3])] },
        { attrs: {}, inputs: [floats([2, 3], values), floats([1])] },
        { attrs: {}, inputs: [floats([4], values), floats([])] },
      ],
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 8, 3]), floats([9])],
          throws: /one for each of the 8 channels \(received \[9\], expected \[1\] or \[8\]\)/,
        },
        { attrs: {}, inputs: [floats([2, 8, 3]), floats([2, 4])], throws: /received \[2, 4\]/ },
        {
          attrs: {},
          inputs: [floats([8]), floats([8])],
          throws: /each of the 1 channels \(received \[8\], expected \[1\]\)/,
        },
      ],
      oracle,
    },
  ),
  layerLaws('preluLayer', {
    samples: [
      { layer: preluLayer(), inputShape: [2, 3], values },
      { layer: preluLayer({ numParameters: 2, init: 0.5 }), inputShape: [2, 3], values },
    ],
    invalid: [
      {
        layer: preluLayer({ numParameters: 3 }),
        inputShape: [2, 3],
        throws: /numParameters is 1 or the number of channels/,
      },
    ],
    constantInit: 'every slope starts at the same value',
  }),
  searchLaws('prelu', preluCall, preluSearch),
];

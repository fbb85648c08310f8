import { floats, functionOp, layerLaws, type Laws, type NdArray, opLaws, searchLaws } from '@lemmata/laws';
import { glu, gluLayer, type GluOptions } from './glu.js';
import { gluCall, gluSearch } from './search.laws.js';

/** Element by element, by index arithmetic. */
function oracle({ axis = 1 }: GluOptions, { shape, data }: NdArray): NdArray {
  const at = axis < 0 ? axis + shape.length : axis;
  const run = shape.slice(at).reduce((a, b) => a * b, 1) / 2;
  const out = { shape: shape.map((n, i) => (i === at ? n / 2 : n)), data: new Array<number>(data.length / 2) };
  for (let i = 0; i < out.data.length; i++) {
    const from = Math.floor(i / run) * 2 * run + (i % run);
    out.data[i] = data[from] / (1 + Math.exp(-data[from + run]));
  }
  return out;
}

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<GluOptions>('glu', (options, x) => glu(x, options)),
    {
      samples: [
        { attrs: {}, inputs: [floats([2, 6])] },
        { attrs: {}, inputs: [floats([2, 4, 2, 1])] },
        { attrs: { axis: -1 }, inputs: [floats([2, 3, 4])] },
        { attrs: { axis: 0 }, inputs: [floats([2])] },
        { attrs: {}, inputs: [floats([0, 2, 3])] },
      ],
      invalid: [
        {
          attrs: {},
          inputs: [floats([2, 5])],
          throws: /glu: the axis must fall into two halves \(axis 1, received 5\)/,
        },
        { attrs: { axis: 3 }, inputs: [floats([2, 4])], throws: /axis/ },
      ],
      oracle,
    },
  ),
  layerLaws('gluLayer', {
    samples: [
      { layer: gluLayer(), inputShape: [4] },
      { layer: gluLayer({ axis: -1 }), inputShape: [2, 6] },
    ],
    invalid: [
      { layer: gluLayer(), inputShape: [3, 4], throws: /two halves \(axis 1, received 3\)/ },
      { layer: gluLayer({ axis: 0 }), inputShape: [4], throws: /axis 0 is the batch/ },
    ],
  }),
  searchLaws('glu', gluCall, gluSearch),
];

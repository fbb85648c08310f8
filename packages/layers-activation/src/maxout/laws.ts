import { distinct, floats, functionOp, layerLaws, type Laws, type NdArray, opLaws, searchLaws } from '@lemmata/laws';
import { maxout, maxoutLayer, type MaxoutOptions } from './maxout.js';
import { maxoutCall, maxoutSearch } from './search.laws.js';

/** Differences need competitors that do not tie. */
const values = distinct();

/** Element by element, by index arithmetic. */
function oracle({ pieces, axis = 1 }: MaxoutOptions, { shape, data }: NdArray): NdArray {
  const at = axis < 0 ? axis + shape.length : axis;
  const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  const count = shape[at] / pieces;
  const out = {
    shape: shape.map((n, i) => (i === at ? count : n)),
    data: new Array<number>(data.length / pieces).fill(-Infinity),
  };
  for (let i = 0; i < data.length; i++) {
    const [outer, along, rest] = [Math.floor(i / (inner * shape[at])), Math.floor(i / inner) % shape[at], i % inner];
    const to = (outer * count + Math.floor(along / pieces)) * inner + rest;
    if (data[i] > out.data[to]) out.data[to] = data[i];
  }
  return out;
}

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<MaxoutOptions>('maxout', (options, x) => maxout(x, options)),
    {
      samples: [
        { attrs: { pieces: 2 }, inputs: [floats([2, 6], values)] },
        { attrs: { pieces: 3 }, inputs: [floats([2, 6, 2, 1], values)] },
        { attrs: { pieces: 2, axis: -1 }, inputs: [floats([2, 2, 4], values)] },
        { attrs: { pieces: 1, axis: 0 }, inputs: [floats([3], values)] },
      ],
      invalid: [
        {
          attrs: { pieces: 3 },
          inputs: [floats([2, 7, 2, 2])],
          throws: /pieces 3 must divide the axis \(axis 1, received 7\)/,
        },
        { attrs: { pieces: 2, axis: 3 }, inputs: [floats([2, 4])], throws: /axis/ },
      ],
      oracle,
    },
  ),
  layerLaws('maxoutLayer', {
    samples: [
      { layer: maxoutLayer({ pieces: 2 }), inputShape: [4], values },
      { layer: maxoutLayer({ pieces: 3, axis: -1 }), inputShape: [2, 6], values },
    ],
    invalid: [
      {
        layer: maxoutLayer({ pieces: 2 }),
        inputShape: [3, 4],
        throws: /pieces 2 must divide the axis \(axis 1, received 3\)/,
      },
      { layer: maxoutLayer({ pieces: 2, axis: 0 }), inputShape: [4], throws: /axis 0 is the batch/ },
    ],
  }),
  searchLaws('maxout', maxoutCall, maxoutSearch),
];

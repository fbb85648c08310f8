import { floats, functionOp, layerLaws, type Laws, opLaws, searchLaws } from '@lemmata/laws';
import { flatten, flattenLayer } from './flatten.js';
import { flattenCall, flattenSearch } from './search.laws.js';

type Ends = { readonly start: number; readonly end: number };

export const laws: readonly Laws[] = [
  opLaws(
    functionOp<Ends>('flatten', ({ start, end }, x) => flatten(x, start, end)),
    {
      samples: [
        { attrs: { start: 1, end: -1 }, inputs: [floats([3, 2, 2])] },
        { attrs: { start: 1, end: -1 }, inputs: [floats([0, 2, 2])] },
        { attrs: { start: 0, end: 1 }, inputs: [floats([2, 3, 2])] },
        { attrs: { start: -2, end: -1 }, inputs: [floats([2, 3, 2])] },
        { attrs: { start: 1, end: 1 }, inputs: [floats([2, 3, 2])] },
      ],
      invalid: [
        { attrs: { start: 3, end: -1 }, inputs: [floats([2, 3, 2])], throws: /flatten: .*received 3/ },
        { attrs: { start: 2, end: 1 }, inputs: [floats([2, 3, 2])], throws: /start 2 must not come after end 1/ },
      ],
      // The order of the elements stays; only the shape is new.
      oracle({ start, end }, { shape, data }) {
        const [from, to] = [start, end].map((axis) => (axis < 0 ? axis + shape.length : axis));
        const merged: number[] = [];
        shape.forEach((n, axis) => {
          if (axis > from && axis <= to) merged[merged.length - 1] *= n;
          else merged.push(n);
        });
        return { shape: merged, data };
      },
    },
  ),
  layerLaws('flattenLayer', {
    samples: [
      { layer: flattenLayer(), inputShape: [2, 2] },
      { layer: flattenLayer(), inputShape: [2, 3, 2] },
      { layer: flattenLayer({ startAxis: 2 }), inputShape: [2, 3, 2] },
      { layer: flattenLayer({ endAxis: 2 }), inputShape: [2, 3, 2] },
    ],
    invalid: [
      { layer: flattenLayer({ startAxis: 0 }), inputShape: [2, 2], throws: /flatten: startAxis must not be the batch/ },
      {
        layer: flattenLayer({ startAxis: -3 }),
        inputShape: [2, 2],
        throws: /flatten: startAxis must not be the batch/,
      },
      { layer: flattenLayer({ startAxis: 4 }), inputShape: [2, 2], throws: /received 4/ },
      {
        layer: flattenLayer({ startAxis: 2, endAxis: 1 }),
        inputShape: [2, 2],
        throws: /start 2 must not come after end 1/,
      },
    ],
  }),
  searchLaws('flatten', flattenCall, flattenSearch),
];

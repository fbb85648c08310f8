import { floats, functionOp, ints, integers, type Laws, opLaws, type OpSample, searchLaws } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from './max-unpool.js';
import { maxUnpoolCall, maxUnpoolSearch } from './search.laws.js';

interface Attrs extends MaxUnpoolOptions {
  readonly rank: 1 | 2 | 3;
}

const functions = { 1: maxUnpool1d, 2: maxUnpool2d, 3: maxUnpool3d };

const asOp = functionOp<Attrs>('maxUnpool', ({ rank, ...options }, x: Tensor, indices: Tensor) =>
  functions[rank](x, indices, options),
);

/** Values of this shape, and indices into planes of `plane` elements, some of them equal. */
const sample = (attrs: Attrs, shape: readonly number[], plane: number): OpSample<Attrs> => ({
  attrs,
  inputs: [floats(shape), ints(shape, integers(0, plane - 1))],
});

const op: Laws = opLaws(asOp, {
  samples: [
    sample({ rank: 1, kernelSize: 2 }, [1, 2, 3], 6),
    sample({ rank: 1, kernelSize: 3, stride: 2, padding: 1, outputSize: [6] }, [2, 3], 6),
    sample({ rank: 2, kernelSize: 2 }, [2, 1, 1, 2], 8),
    sample({ rank: 2, kernelSize: [2, 3], stride: [1, 2] }, [1, 2, 2], 15),
    sample({ rank: 3, kernelSize: [1, 2, 1] }, [1, 1, 2, 1, 2], 8),
  ],
  invalid: [
    { attrs: { rank: 2, kernelSize: 2 }, inputs: [floats([2, 2]), ints([2, 2])], throws: /x must have 2 spatial axes/ },
    { attrs: { rank: 1, kernelSize: 2 }, inputs: [floats([1, 3]), ints([1, 2])], throws: /must have the shape of x/ },
    { attrs: { rank: 1, kernelSize: 2 }, inputs: [floats([1, 3]), floats([1, 3])], throws: /indices must be int32/ },
    {
      attrs: { rank: 1, kernelSize: 2, outputSize: [9] },
      inputs: [floats([1, 3]), ints([1, 3])],
      throws: /outputSize must be a size.*axis 1, received 9, expected 5 to 7/,
    },
    {
      attrs: { rank: 1, kernelSize: 0 },
      inputs: [floats([1, 3]), ints([1, 3])],
      throws: /kernelSize must be integers/,
    },
  ],
  oracle({ rank, kernelSize, stride = kernelSize, padding = 0, outputSize }, x, indices) {
    const planes = x.shape.slice(0, -rank);
    const of = (value: number | readonly number[], i: number): number => (typeof value === 'number' ? value : value[i]);
    const pooled = x.shape.slice(-rank);
    const size = pooled.map(
      (n, i) => outputSize?.[i] ?? (n - 1) * of(stride, i) - 2 * of(padding, i) + of(kernelSize, i),
    );
    const [windows, plane] = [pooled, size].map((list) => list.reduce((a, b) => a * b, 1));
    const data = new Array<number>((x.data.length / windows) * plane).fill(0);
    for (let n = 0; n < x.data.length; n++) data[Math.floor(n / windows) * plane + indices.data[n]] = x.data[n];
    return { shape: [...planes, ...size], data };
  },
});

/** Of unpooling along one, two and three axes. */
export const laws: readonly Laws[] = [op, searchLaws('maxUnpool', maxUnpoolCall, maxUnpoolSearch)];

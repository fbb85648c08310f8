import { distinct, floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { everyWindow } from '../oracle.laws.js';
import { type Pooling, poolings } from '../search-space.laws.js';
import {
  maxPool1dLayer,
  maxPool1dWithIndices,
  maxPool2dLayer,
  maxPool2dWithIndices,
  maxPool3dLayer,
  maxPool3dWithIndices,
} from './max-pool.js';

/** Max pooling along one to three axes, with any options; as a function it gives the indices too. */
export function maxPoolCall({ via, options, output }: Pooling, x: Tensor): Tensor | Tensor[] {
  const rank = output.length;
  if (via === 'layer') return throughLayer([maxPool1dLayer, maxPool2dLayer, maxPool3dLayer][rank - 1](options), [], x);
  const pool = [maxPool1dWithIndices, maxPool2dWithIndices, maxPool3dWithIndices][rank - 1];
  const { values, indices } = pool(x, options);
  return [values, indices];
}

/** The largest of the elements and its place among them: of equal ones the first, of NaN the last. */
export function largestOf(reads: readonly number[], at: (i: number) => number): [value: number, index: number] {
  let best: [number, number] = [at(reads[0]), reads[0]];
  for (const i of reads) if (Number.isNaN(at(i)) || at(i) > best[0]) best = [at(i), i];
  return best;
}

export const maxPoolSearch: SearchSamples<Pooling> = {
  // No two values are near each other: which one is largest does not change under a small step.
  samples: poolings(3).map(
    (attrs): OpSample<Pooling> => ({ attrs, inputs: [floats(attrs.x, distinct(-4, 4, { gap: 0.02 }))] }),
  ),
  oracle({ via, slide, output }, x): NdArray | NdArray[] {
    const sizes = x.shape.slice(x.shape.length - output.length);
    const shape = [...x.shape.slice(0, x.shape.length - output.length), ...output];
    const [values, indices]: number[][] = [[], []];
    for (let start = 0; start < x.data.length; start += sizeOf(sizes)) {
      everyWindow(slide, sizes, (_, reads) => {
        const [value, index] = largestOf(reads, (i) => x.data[start + i]);
        values.push(value);
        indices.push(index);
      });
    }
    return via === 'layer' ? { shape, data: values } : [values, indices].map((data) => ({ shape, data }));
  },
};

import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { walk } from '../conv/oracle.laws.js';
import { short, type Sliding, slidings } from '../conv/search-space.laws.js';
import { type Via, vias } from '../conv/search.laws.js';
import {
  fold1d,
  fold1dLayer,
  fold2d,
  fold2dLayer,
  fold3d,
  fold3dLayer,
  unfold1d,
  unfold1dLayer,
  unfold2d,
  unfold2dLayer,
  unfold3d,
  unfold3dLayer,
} from './unfold.js';

interface Search extends Sliding {
  readonly via: Via;
  /** One number stands for all sizes, where it can. */
  readonly brief: boolean;
}

const optionsOf = ({ kernelSize, options: { paddingMode: _, ...options } }: Search) => ({ kernelSize, ...options });

export function unfoldCall(a: Search, x: Tensor): Tensor {
  const rank = a.kernel.length;
  const options = optionsOf(a);
  if (a.via === 'layer') return throughLayer([unfold1dLayer, unfold2dLayer, unfold3dLayer][rank - 1](options), [], x);
  return [unfold1d, unfold2d, unfold3d][rank - 1](x, options);
}

export function foldCall(a: Search, y: Tensor): Tensor {
  const rank = a.kernel.length;
  const options = { ...optionsOf(a), outputSize: short(a.sizes, a.brief) };
  if (a.via === 'layer') return throughLayer([fold1dLayer, fold2dLayer, fold3dLayer][rank - 1](options), [], y);
  return [fold1d, fold2d, fold3d][rank - 1](y, options);
}

/** Every pair of an element of an image `[...planes, ...sizes]` and its copy in `[...planes · kernel, windows]`. */
function pairs(a: Search, planes: number, visit: (image: number, column: number) => void): void {
  const [K, L] = [sizeOf(a.kernel), sizeOf(a.output)];
  // One plane at a time; a window reads its own kernel element alone.
  const shapes = { x: [planes, 1, ...a.sizes], w: [1, 1, ...a.kernel], y: [planes, 1, ...a.output] };
  walk({ ...a, ...shapes, groups: 1 }, (i, k, j) => visit(i, (Math.floor(j / L) * K + k) * L + (j % L)));
}

/** No mode but zeros, for folding adds up what was copied. */
const situations = fc
  .record({
    sliding: slidings,
    via: vias,
    batch: fc.constantFrom(1, 2, 0),
    channels: fc.integer({ min: 1, max: 2 }),
    brief: fc.boolean(),
  })
  .map(({ sliding, via, batch, channels, brief }) => ({
    a: { ...sliding, via, brief },
    lead: via === 'one' ? [] : [batch],
    channels,
  }));

export const unfoldSearch: SearchSamples<Search> = {
  samples: situations.map(
    ({ a, lead, channels }): OpSample<Search> => ({ attrs: a, inputs: [floats([...lead, channels, ...a.sizes])] }),
  ),
  oracle(a, x): NdArray {
    const lead = x.shape.slice(0, a.via === 'one' ? 0 : 1);
    const channels = x.shape[lead.length];
    const shape = [...lead, channels * sizeOf(a.kernel), sizeOf(a.output)];
    const data = new Array<number>(sizeOf(shape)).fill(0);
    pairs(a, sizeOf(lead) * channels, (i, j) => (data[j] = x.data[i]));
    return { shape, data };
  },
};

export const foldSearch: SearchSamples<Search> = {
  samples: situations.map(
    ({ a, lead, channels }): OpSample<Search> => ({
      attrs: a,
      inputs: [floats([...lead, channels * sizeOf(a.kernel), sizeOf(a.output)])],
    }),
  ),
  oracle(a, y): NdArray {
    const lead = y.shape.slice(0, a.via === 'one' ? 0 : 1);
    const channels = y.shape[lead.length] / sizeOf(a.kernel);
    const shape = [...lead, channels, ...a.sizes];
    const data = new Array<number>(sizeOf(shape)).fill(0);
    pairs(a, sizeOf(lead) * channels, (i, j) => (data[i] += y.data[j]));
    return { shape, data };
  },
};

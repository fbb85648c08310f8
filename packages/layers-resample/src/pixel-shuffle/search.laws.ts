import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { pixelShuffle, pixelShuffleLayer, pixelUnshuffle, pixelUnshuffleLayer } from './pixel-shuffle.js';

interface Search {
  readonly r: number;
  readonly undo: boolean;
  readonly layer: boolean;
}

export function shuffleCall({ r, undo, layer }: Search, x: Tensor): Tensor {
  if (!layer) return undo ? pixelUnshuffle(x, r) : pixelShuffle(x, r);
  const made = undo ? pixelUnshuffleLayer({ downscaleFactor: r }) : pixelShuffleLayer({ upscaleFactor: r });
  return throughLayer(made, [], x);
}

export const shuffleSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      lead: fc.array(fc.nat(2), { maxLength: 2 }),
      image: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      r: fc.integer({ min: 1, max: 3 }),
      undo: fc.boolean(),
      layer: fc.boolean(),
    })
    .map(({ lead, image: [C, H, W], r, undo, layer }): OpSample<Search> => {
      const image = undo ? [C, H * r, W * r] : [C * r * r, H, W];
      return { attrs: { r, undo, layer: layer && lead.length === 1 }, inputs: [floats([...lead, ...image])] };
    }),
  /** Where each element of the deep side lies in the wide one. */
  oracle({ r, undo }, x): NdArray {
    const lead = x.shape.slice(0, -3);
    const [c, h, w] = x.shape.slice(-3);
    const [C, H, W] = undo ? [c, h / r, w / r] : [c / (r * r), h, w];
    const data = new Array<number>(x.data.length);
    for (let deep = 0; deep < data.length; deep++) {
      const [j, i] = [deep % W, Math.floor(deep / W) % H];
      const channel = Math.floor(deep / (W * H)) % (C * r * r);
      const batch = Math.floor(deep / (W * H * C * r * r));
      const [row, column] = [i * r + (Math.floor(channel / r) % r), j * r + (channel % r)];
      const wide = ((batch * C + Math.floor(channel / (r * r))) * H * r + row) * W * r + column;
      if (undo) data[deep] = x.data[wide];
      else data[wide] = x.data[deep];
    }
    return { shape: [...lead, ...(undo ? [C * r * r, H, W] : [C, H * r, W * r])], data };
  },
};

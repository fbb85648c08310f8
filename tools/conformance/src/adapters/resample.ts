import { interpolate, type InterpolateMode, pixelShuffle, pixelUnshuffle } from '@lemmata/layers-resample';
import type { Adapters } from '../adapter.js';

export const resample: Adapters = {
  interpolate: ({ args }) =>
    interpolate(args.tensor('input'), {
      size: args.get<number | number[]>('size'),
      scaleFactor: args.get<number | number[]>('scale_factor'),
      mode: args.get<InterpolateMode>('mode'),
      alignCorners: args.flag('align_corners'),
      recomputeScaleFactor: args.flag('recompute_scale_factor'),
      antialias: args.flag('antialias'),
    }),
  pixel_shuffle: ({ args }) => pixelShuffle(args.tensor('input'), args.number('upscale_factor')!),
  pixel_unshuffle: ({ args }) => pixelUnshuffle(args.tensor('input'), args.number('downscale_factor')!),
};

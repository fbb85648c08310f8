import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { interpolate, interpolateLayer, type InterpolateMode, type InterpolateOptions } from './interpolate.js';
import type { ResampleAttrs } from './op.js';
import { dense } from './oracle.laws.js';

interface Search {
  readonly options: InterpolateOptions;
  readonly layer: boolean;
}

export function interpolateCall({ options, layer }: Search, x: Tensor): Tensor {
  return layer ? throughLayer(interpolateLayer(options), [], x) : interpolate(x, options);
}

const MODES: Readonly<Record<number, readonly InterpolateMode[]>> = {
  1: ['nearest', 'nearest-exact', 'area', 'linear'],
  2: ['nearest', 'nearest-exact', 'area', 'bilinear', 'bicubic', 'bilinear', 'bicubic'],
  3: ['nearest', 'nearest-exact', 'area', 'trilinear'],
};
const METHODS: Readonly<Record<InterpolateMode, ResampleAttrs['method']>> = {
  nearest: 'nearest',
  'nearest-exact': 'nearest-exact',
  area: 'area',
  linear: 'linear',
  bilinear: 'linear',
  trilinear: 'linear',
  bicubic: 'cubic',
};

const flags = fc.record({
  layer: fc.boolean(),
  align: fc.boolean(),
  antialias: fc.boolean(),
  recompute: fc.boolean(),
  by: fc.constantFrom('size', 'factor', 'one size', 'one factor'),
  mode: fc.nat(20),
  planes: fc.constantFrom([1, 2], [2, 1], [0, 1], [1, 1]),
});
const axis = fc.record({
  from: fc.integer({ min: 1, max: 4 }),
  to: fc.integer({ min: 1, max: 6 }),
  factor: fc.constantFrom(0.6, 1, 1.3, 1.7, 2, 2.5),
});

export const interpolateSearch: SearchSamples<Search> = {
  samples: fc
    .tuple(flags, fc.array(axis, { minLength: 1, maxLength: 3 }))
    .map(([{ layer, align, antialias, recompute, by, mode: chosen, planes }, axes]): OpSample<Search> => {
      const modes = MODES[axes.length];
      const mode = modes[chosen % modes.length];
      const smooth = METHODS[mode] === 'linear' || METHODS[mode] === 'cubic';
      // Something is left of each axis.
      const factors = axes.map(({ from, factor }) => (Math.floor(from * factor) < 1 ? 2 : factor));
      const least = Math.max(...axes.map(({ from }, i) => (Math.floor(from * factors[0]) < 1 ? 2 : factors[i])));
      const target: InterpolateOptions =
        by === 'size'
          ? { size: axes.map(({ to }) => to) }
          : by === 'one size'
            ? { size: axes[0].to }
            : {
                scaleFactor: by === 'factor' ? factors : least,
                ...(recompute ? { recomputeScaleFactor: true } : {}),
              };
      return {
        attrs: {
          layer,
          options: {
            ...target,
            mode,
            ...(smooth ? { alignCorners: align } : {}),
            ...(mode === 'bilinear' || mode === 'bicubic' ? { antialias } : {}),
          },
        },
        inputs: [floats([...planes, ...axes.map(({ from }) => from)])],
      };
    }),
  // Whether a weight of a cubic is 0 or rounded to nearly 0 decides what becomes of an infinity.
  takesSpecial: ({ options: { mode } }) => mode !== 'bicubic',
  oracle({ options }, x): NdArray {
    const {
      size,
      scaleFactor,
      mode = 'nearest',
      alignCorners = false,
      antialias = false,
      recomputeScaleFactor,
    } = options;
    const method = METHODS[mode];
    return x.shape.slice(2).reduce<NdArray>((image, from, i) => {
      const at = (list: number | readonly number[]): number => (typeof list === 'number' ? list : list[i]);
      const to = scaleFactor === undefined ? at(size!) : Math.floor(from * at(scaleFactor));
      const pixels = mode === 'nearest' && x.shape.length === 4 && (to === from || to === 2 * from);
      const scale = scaleFactor === undefined || recomputeScaleFactor === true || pixels ? null : at(scaleFactor);
      // An axis that keeps its size is copied, but where a mode moves in it, by the factor that was rounded away.
      const moves = mode === 'nearest' || mode === 'nearest-exact' || (mode === 'bicubic' && !antialias);
      if (to === from && !(moves && scale !== null && scale !== 1)) return image;
      const [outer, inner] = [sizeOf(image.shape.slice(0, i + 2)), sizeOf(image.shape.slice(i + 3))];
      const attrs: ResampleAttrs = { axis: 1, size: to, method, alignCorners, scale, antialias };
      const { data } = dense(attrs, { shape: [outer, from, inner], data: image.data }, from, false);
      return { shape: image.shape.map((n, a) => (a === i + 2 ? to : n)), data };
    }, x);
  },
};

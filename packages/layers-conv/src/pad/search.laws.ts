import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { type Via, vias } from '../conv/search.laws.js';
import { pad1d, pad1dLayer, pad2d, pad2dLayer, pad3d, pad3dLayer, type SpatialPadOptions } from './pad.js';

interface Search {
  readonly via: Via;
  readonly padding: readonly (readonly [number, number])[];
  readonly mode: 'constant' | 'reflect' | 'replicate' | 'circular';
  readonly value: number;
  readonly brief: boolean;
}

/** Padding of one to three axes, on either side, where it may also take away. */
export function padCall({ via, padding, mode, value, brief }: Search, x: Tensor): Tensor {
  const [first] = padding;
  const even = padding.every(([before, after]) => before === first[0] && after === first[0]);
  const options: SpatialPadOptions = {
    padding: brief && even ? first[0] : padding.map(([before, after]) => (before === after ? before : [before, after])),
    mode,
    ...(mode === 'constant' ? { value } : {}),
  };
  const rank = padding.length;
  if (via === 'layer') return throughLayer([pad1dLayer, pad2dLayer, pad3dLayer][rank - 1](options), [], x);
  return [pad1d, pad2d, pad3d][rank - 1](x, options);
}

const axis = fc.record({ size: fc.integer({ min: 1, max: 4 }), sides: fc.tuple(side(), side()) });

function side(): fc.Arbitrary<number> {
  return fc.integer({ min: -2, max: 4 });
}

export const padSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      via: vias,
      axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
      mode: fc.constantFrom<Search['mode'][]>('constant', 'reflect', 'replicate', 'circular'),
      value: fc.constantFrom(0, -1.5, 3),
      planes: fc.constantFrom([1, 2], [2, 1], [2, 2], [0, 1]),
      brief: fc.boolean(),
    })
    .map(({ via, axes, mode, value, planes, brief }): OpSample<Search> => {
      const padding = axes.map(({ size, sides: [first, second] }) => {
        // Something is left.
        const before = Math.max(first, 1 - size);
        const after = Math.max(second, 1 - size - Math.min(before, 0));
        const left = size + Math.min(before, 0) + Math.min(after, 0);
        const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? left : Infinity;
        return [Math.min(before, most), Math.min(after, most)] as const;
      });
      const image = [planes[1], ...axes.map(({ size }) => size)];
      return {
        attrs: { via, padding, mode, value, brief },
        inputs: [floats(via === 'one' ? image : [planes[0], ...image])],
      };
    }),
  /** Each element of the result by going back, step by step, to where it is copied from. */
  oracle({ via, padding, mode, value }, x) {
    const lead = via === 'one' ? 1 : 2;
    const shape = x.shape.map((n, a) => (a < lead ? n : n + padding[a - lead][0] + padding[a - lead][1]));
    // Circular padding repeats what a negative width on the other side has left.
    const kept = (a: number): readonly [number, number] => [
      Math.max(0, -padding[a - lead][0]),
      x.shape[a] + Math.min(0, padding[a - lead][1]),
    ];
    const data = Array.from({ length: sizeOf(shape) }, (_, flat) => {
      let [from, factor, rest] = [0, 1, flat];
      for (let a = shape.length - 1; a >= 0; a--) {
        let i = (rest % shape[a]) - (a < lead ? 0 : padding[a - lead][0]);
        rest = Math.floor(rest / shape[a]);
        const [first, end] = a < lead || mode !== 'circular' ? [0, x.shape[a]] : kept(a);
        while (i < first || i >= end) {
          if (mode === 'constant') return value;
          if (mode === 'replicate') i += i < 0 ? 1 : -1;
          else if (mode === 'circular') i += i < first ? end - first : first - end;
          else i = i < 0 ? -i : 2 * x.shape[a] - 2 - i;
        }
        from += i * factor;
        factor *= x.shape[a];
      }
      return x.data[from];
    });
    return { shape, data };
  },
};

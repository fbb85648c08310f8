import { floats, integers, ints, type NdArray, type OpSample, type SearchSamples } from '@lemmata/laws';
import { type PerAxis, sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from './max-unpool.js';

interface Search extends MaxUnpoolOptions {
  readonly sizes: readonly number[];
}

export function maxUnpoolCall({ sizes, ...options }: Search, x: Tensor, indices: Tensor): Tensor {
  return [maxUnpool1d, maxUnpool2d, maxUnpool3d][sizes.length - 1](x, indices, options);
}

const axis = fc.record({
  pooled: fc.integer({ min: 1, max: 3 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.nat(1),
  more: fc.integer({ min: -2, max: 2 }),
});
type Axis = typeof axis extends fc.Arbitrary<infer T> ? T : never;

/** With a padding that fits, and the size that results, or another less than a stride from it, of which something is left. */
function placed({ more, ...rest }: Axis) {
  const padding = Math.min(rest.padding, Math.floor((rest.kernel - 1) / 2));
  const usual = (rest.pooled - 1) * rest.stride - 2 * padding + rest.kernel;
  const size = usual + Math.sign(more) * Math.min(Math.abs(more), rest.stride - 1);
  return { ...rest, padding, usual, size: Math.max(1, size) };
}

/** Indices of any places, so that some occur twice. */
export const maxUnpoolSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
      lead: fc.constantFrom([1], [2], [1, 2], [2, 1], [0, 2]),
      bySize: fc.boolean(),
      byDefault: fc.boolean(),
      brief: fc.boolean(),
    })
    .map(({ axes: drawn, lead, bySize, byDefault, brief }): OpSample<Search> => {
      const axes = drawn.map((one) => (byDefault ? placed({ ...one, stride: one.kernel }) : placed(one)));
      const short = (list: readonly number[]): PerAxis =>
        brief && list.every((n) => n === list[0]) ? list[0] : [...list];
      const sizes = axes.map(({ usual, size }) => (bySize ? size : usual));
      const shape = [...lead, ...axes.map(({ pooled }) => pooled)];
      return {
        attrs: {
          sizes,
          kernelSize: short(axes.map(({ kernel }) => kernel)),
          // Without a stride it is the kernel.
          ...(byDefault && axes.every(({ kernel, stride }) => kernel === stride)
            ? {}
            : { stride: short(axes.map(({ stride }) => stride)) }),
          padding: short(axes.map(({ padding }) => padding)),
          ...(bySize ? { outputSize: sizes } : {}),
        },
        inputs: [floats(shape), ints(shape, integers(0, sizeOf(sizes) - 1))],
      };
    }),
  oracle({ sizes }, x, indices): NdArray {
    const lead = x.shape.slice(0, x.shape.length - sizes.length);
    const [plane, count] = [sizeOf(sizes), sizeOf(x.shape.slice(lead.length))];
    const data = new Array<number>(sizeOf(lead) * plane).fill(0);
    for (let i = 0; i < x.data.length; i++) data[Math.floor(i / count) * plane + indices.data[i]] = x.data[i];
    return { shape: [...lead, ...sizes], data };
  },
};

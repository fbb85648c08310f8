import type { Padding, PerAxis } from '@lemmata/shape';
import * as fc from 'fast-check';
import { countWindows, type Slide } from './oracle.laws.js';

/** Called as a function with a batch or without one, or as a layer. */
export type Via = 'function' | 'one' | 'layer';
export const vias: fc.Arbitrary<Via> = fc.constantFrom('function', 'layer', 'one');

/** How a pooling may be asked for, with names and short forms, and what that comes to. */
export interface Pooling {
  readonly via: Via;
  /** As a user writes them. */
  readonly options: {
    readonly kernelSize: PerAxis;
    readonly stride?: PerAxis;
    readonly padding: Padding;
    readonly dilation?: PerAxis;
    readonly ceilMode: boolean;
  };
  readonly slide: Slide;
  /** `[N, C, ...spatial]`, without N for one image. */
  readonly x: readonly number[];
  /** Spatial sizes of the output. */
  readonly output: readonly number[];
}

type Sides = readonly [number, number];
type Name = 'valid' | 'same' | 'same-upper' | 'same-lower';

const axis = (kernels: number, dilations: number) =>
  fc.record({
    kernel: fc.integer({ min: 1, max: kernels }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: dilations }),
    sides: fc.tuple(fc.nat(2), fc.nat(2)),
    spare: fc.nat(3),
  });
type Axis = ReturnType<typeof axis> extends fc.Arbitrary<infer T> ? T : never;

/** Padding on both sides: by name, or at most half of what a window spans. */
function sidesOf({ kernel, stride, dilation, sides }: Axis, name: Name | null, size: number): Sides {
  const span = dilation * (kernel - 1) + 1;
  if (name === null) return [Math.min(sides[0], Math.floor(span / 2)), Math.min(sides[1], Math.floor(span / 2))];
  if (name === 'valid') return [0, 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + span - size);
  const small = Math.floor(total / 2);
  return name === 'same-lower' ? [total - small, small] : [small, total - small];
}

/** The least size from `spare` on at which a window fits, and none steps over the whole input. */
function sizeFor(one: Axis, name: Name | null): number {
  for (let size = one.dilation + one.spare; ; size++) {
    const [before, after] = sidesOf(one, name, size);
    if (one.dilation * (one.kernel - 1) + 1 <= size + before + after) return size;
  }
}

const short = (list: readonly number[], brief: boolean): PerAxis =>
  brief && list.every((v) => v === list[0]) ? list[0] : [...list];

/** One to three axes with all options of a pooling; dilations up to a number, which is 1 for those that have none. */
export function poolings(dilations: number): fc.Arbitrary<Pooling> {
  return fc
    .record({
      via: vias,
      axes: fc.oneof(
        { weight: 2, arbitrary: fc.array(axis(4, dilations), { minLength: 1, maxLength: 1 }) },
        { weight: 4, arbitrary: fc.array(axis(3, dilations), { minLength: 2, maxLength: 2 }) },
        { weight: 1, arbitrary: fc.array(axis(2, dilations), { minLength: 3, maxLength: 3 }) },
      ),
      name: fc.constantFrom<(Name | null)[]>(null, null, null, 'valid', 'same', 'same-upper', 'same-lower'),
      ceil: fc.boolean(),
      usual: fc.boolean(),
      brief: fc.boolean(),
      planes: fc.constantFrom([1, 2], [2, 1], [2, 2], [0, 1], [1, 1]),
    })
    .map(({ via, axes: drawn, name, ceil, usual, brief, planes }) => {
      // Without a stride it is the kernel; 'same' is for windows that move by one element.
      const byDefault = usual && name !== 'same';
      const axes = drawn.map((one) => ({ ...one, stride: byDefault ? one.kernel : name === 'same' ? 1 : one.stride }));
      const sizes = axes.map((one) => sizeFor(one, name));
      const padding = axes.map((one, i) => sidesOf(one, name, sizes[i]));
      const list = (of: 'kernel' | 'stride' | 'dilation'): number[] => axes.map((one) => one[of]);
      const slide = { kernel: list('kernel'), stride: list('stride'), dilation: list('dilation'), padding, ceil };
      const even = padding.every(([before, after]) => before === after && before === padding[0][0]);
      const image = [planes[1], ...sizes];
      return {
        via,
        options: {
          kernelSize: short(slide.kernel, brief),
          ...(byDefault ? {} : { stride: short(slide.stride, brief) }),
          padding: name ?? (brief && even ? padding[0][0] : padding.map(([a, b]) => (a === b ? a : ([a, b] as const)))),
          ...(dilations > 1 ? { dilation: short(slide.dilation, brief) } : {}),
          ceilMode: ceil,
        },
        slide,
        x: via === 'one' ? image : [planes[0], ...image],
        output: sizes.map((size, i) => countWindows(slide, i, size)),
      };
    });
}

import * as fc from 'fast-check';
import type { Padding, PerAxis } from '@lemmata/shape';
import type { PaddingFill } from './convolve.js';
import { countWindows } from './oracle.laws.js';

/** How a window may be asked to slide, with names and short forms, and what that comes to along each axis. */
export interface Sliding {
  /** As a user writes them. */
  readonly options: {
    readonly stride: PerAxis;
    readonly dilation: PerAxis;
    readonly padding: Padding;
    readonly paddingMode: PaddingFill;
  };
  /** A number where one says it all, now and then. */
  readonly kernelSize: PerAxis;
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  /** Spatial sizes of the output. */
  readonly output: readonly number[];
  readonly paddingMode: PaddingFill;
}

type Sides = readonly [number, number];
type Name = 'valid' | 'same' | 'same-upper' | 'same-lower';

const axis = (kernels: number) =>
  fc.record({
    kernel: fc.integer({ min: 1, max: kernels }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    sides: fc.tuple(fc.nat(2), fc.nat(2)),
    spare: fc.nat(2),
  });
type Axis = ReturnType<typeof axis> extends fc.Arbitrary<infer T> ? T : never;

/** What a padding by name comes to: all windows that fit, or ⌈n / s⌉ of them with as little padding as that takes. */
function named(name: Name, size: number, { kernel, stride, dilation }: Axis): Sides {
  if (name === 'valid') return [0, 0];
  const span = dilation * (kernel - 1) + 1;
  const windows = Math.ceil(size / stride);
  const total = Math.max(0, (windows - 1) * stride + span - size);
  const small = Math.floor(total / 2);
  return name === 'same-lower' ? [total - small, small] : [small, total - small];
}

/** The least size from `spare` on at which a window fits, and a border has what it mirrors. */
function sizeFor(one: Axis, mode: PaddingFill, sidesOf: (size: number) => Sides): number {
  const most = (size: number): number => (mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Infinity);
  for (let size = 1 + one.spare; ; size++) {
    const sides = sidesOf(size);
    const fits = one.dilation * (one.kernel - 1) + 1 <= size + sides[0] + sides[1];
    if (fits && Math.max(...sides) <= most(size)) return size;
  }
}

/** One number for all axes, if so asked for and possible. */
export const short = (list: readonly number[], brief: boolean): PerAxis =>
  brief && list.every((v) => v === list[0]) ? list[0] : [...list];

/** One to three axes, each with a kernel, stride, dilation and padding of its own, or a padding by name; every mode. */
export const slidings: fc.Arbitrary<Sliding> = fc
  .record({
    axes: fc.oneof(
      { weight: 2, arbitrary: fc.array(axis(4), { minLength: 1, maxLength: 1 }) },
      { weight: 4, arbitrary: fc.array(axis(3), { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(axis(2), { minLength: 3, maxLength: 3 }) },
    ),
    mode: fc.constantFrom<PaddingFill[]>('zeros', 'zeros', 'reflect', 'replicate', 'circular'),
    name: fc.constantFrom<(Name | null)[]>(null, null, null, 'valid', 'same', 'same-upper', 'same-lower'),
    brief: fc.boolean(),
  })
  .map(({ axes: drawn, mode, name, brief }) => {
    // 'same' is for windows that move by one element.
    const axes = name === 'same' ? drawn.map((one) => ({ ...one, stride: 1 })) : drawn;
    const sidesOf = (one: Axis) => (size: number) => (name === null ? one.sides : named(name, size, one));
    const sizes = axes.map((one) => sizeFor(one, mode, sidesOf(one)));
    const padding = axes.map((one, i) => sidesOf(one)(sizes[i]));
    const [stride, dilation] = [axes.map((one) => one.stride), axes.map((one) => one.dilation)];
    const even = padding.every(([before, after]) => before === after && before === padding[0][0]);
    const list = padding.map(([before, after]) => (before === after ? before : ([before, after] as const)));
    return {
      options: {
        stride: short(stride, brief),
        dilation: short(dilation, brief),
        padding: name ?? (brief && even ? padding[0][0] : list),
        paddingMode: mode,
      },
      kernelSize: short(
        axes.map(({ kernel }) => kernel),
        brief,
      ),
      sizes,
      kernel: axes.map(({ kernel }) => kernel),
      stride,
      dilation,
      padding,
      output: axes.map((one, i) => countWindows(sizes[i], one.kernel, one.stride, one.dilation, [...padding[i]])),
      paddingMode: mode,
    };
  });

export interface Channelling {
  readonly batch: number;
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  readonly filters: number;
  /** Whether a layer is told the channels of its input. */
  readonly declared: boolean;
}

/** Batches, of which none is one as well; channels and filters in groups. */
export const channelling: fc.Arbitrary<Channelling> = fc.record({
  batch: fc.constantFrom(1, 2, 1, 2, 1, 0),
  groups: fc.constantFrom(1, 2, 1, 3),
  channels: fc.integer({ min: 1, max: 2 }),
  filters: fc.integer({ min: 1, max: 2 }),
  declared: fc.boolean(),
});

/** The channels of an image `[..., C, ...spatial]`, if they are declared. */
export function inChannelsOf(declared: boolean, x: { readonly shape: readonly number[] }, axes: number): object {
  return declared ? { inChannels: x.shape[x.shape.length - axes - 1] } : {};
}

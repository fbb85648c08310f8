import { sizeOf } from '@lemmata/shape';
import { cast, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { type ConvAttrs, convolution, inputGradient, weightGradient } from '../../op.js';

export interface Case {
  readonly images: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  readonly size: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly seed: number;
}

const sides = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }));

/** Sizes that tiles divide and others, padding up to more than a window, channels that fill panels and others. */
export const cases: fc.Arbitrary<Case> = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 1, 2),
  channels: fc.integer({ min: 8, max: 17 }),
  filters: fc.integer({ min: 8, max: 17 }),
  size: fc.tuple(fc.integer({ min: 6, max: 18 }), fc.integer({ min: 6, max: 18 })),
  padding: fc.oneof(
    fc.constant([
      [1, 1],
      [1, 1],
    ] as const),
    fc.tuple(sides, sides),
  ),
  seed: fc.nat(1e6),
});

/** x, w and y of a case; y is one of the output's shape. */
export function operandsOf(
  { images, groups, channels, filters, size, padding, seed }: Case,
  values: (count: number, seed: number, stream: number) => ArrayLike<number>,
): [Tensor, Tensor, Tensor] {
  const out = size.map((n, axis) => n + padding[axis][0] + padding[axis][1] - 2);
  const shapes = [
    [images, groups * channels, ...size],
    [groups * filters, channels, 3, 3],
    [images, groups * filters, ...out],
  ];
  return shapes.map((shape, stream) => tensor(Float32Array.from(values(sizeOf(shape), seed, stream)), { shape })) as [
    Tensor,
    Tensor,
    Tensor,
  ];
}

export const attrsOf = ({ padding, groups }: Case): ConvAttrs => ({
  stride: [1, 1],
  dilation: [1, 1],
  padding,
  groups,
});

export type Slot = 'y' | 'x' | 'w';
export const SLOTS: readonly Slot[] = ['y', 'x', 'w'];

/** The slot that is left open, from the other two. */
export function fill(slot: Slot, c: Case, [x, w, y]: readonly [Tensor, Tensor, Tensor]): Tensor {
  if (slot === 'y') return convolution(x, w, attrsOf(c));
  return slot === 'x' ? inputGradient(y, w, attrsOf(c), c.size) : weightGradient(x, y, attrsOf(c), [3, 3]);
}

/** By the definition, in float64. */
export function exactly(slot: Slot, c: Case, operands: readonly [Tensor, Tensor, Tensor]): Float64Array {
  return fill(slot, c, operands.map((t) => cast(t, 'float64')) as [Tensor, Tensor, Tensor]).dataSync() as Float64Array;
}

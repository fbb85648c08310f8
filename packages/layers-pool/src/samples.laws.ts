import * as fc from 'fast-check';
import { countWindows, type Slide } from './oracle.laws.js';

/** A slide, and input and output shapes that fit it. */
export interface Situation {
  readonly slide: Slide;
  readonly x: number[];
  readonly y: number[];
}

const axis = (dilations: number) =>
  fc
    .record({
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: dilations }),
      before: fc.nat(2),
      after: fc.nat(2),
      spare: fc.nat(3),
    })
    .map(({ before, after, spare, ...rest }) => {
      const span = (rest.kernel - 1) * rest.dilation + 1;
      // At most half the span; and no window may step over the whole input, so that it has at least a dilation's length.
      const half = Math.floor(span / 2);
      const padding: [number, number] = [Math.min(before, half), Math.min(after, half)];
      return { ...rest, padding, size: Math.max(rest.dilation, span - padding[0] - padding[1]) + spare };
    });

/** Any number of axes with kernel, stride, dilation (up to `dilations`), padding, ceil mode, channels and batch. */
export function situations(dilations: number): fc.Arbitrary<Situation> {
  return fc
    .record({
      axes: fc.oneof(
        { weight: 2, arbitrary: fc.array(axis(dilations), { minLength: 1, maxLength: 1 }) },
        { weight: 4, arbitrary: fc.array(axis(dilations), { minLength: 2, maxLength: 2 }) },
        { weight: 1, arbitrary: fc.array(axis(1), { minLength: 3, maxLength: 3 }) },
      ),
      ceil: fc.boolean(),
      // Batch 0 now and then: everything is empty, and nothing may throw.
      batch: fc.constantFrom(1, 2, 1, 2, 1, 2, 0),
      channels: fc.integer({ min: 1, max: 2 }),
    })
    .map(({ axes, ceil, batch, channels }) => {
      const slide = {
        kernel: axes.map(({ kernel }) => kernel),
        stride: axes.map(({ stride }) => stride),
        dilation: axes.map(({ dilation }) => dilation),
        padding: axes.map(({ padding }) => padding),
        ceil,
      };
      const sizes = axes.map(({ size }) => size);
      return {
        slide,
        x: [batch, channels, ...sizes],
        y: [batch, channels, ...sizes.map((n, a) => countWindows(slide, a, n))],
      };
    });
}

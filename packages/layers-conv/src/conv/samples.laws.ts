import * as fc from 'fast-check';
import type { ConvAttrs } from './op.js';
import { countWindows } from './oracle.laws.js';

/** Shapes and options that fit together. */
export interface Situation {
  readonly x: number[];
  readonly w: number[];
  readonly y: number[];
  readonly attrs: ConvAttrs;
}

/** One spatial axis. `spare` elements beyond what the window spans: some may never be read. */
const axis = (kernel: number) =>
  fc.record({
    kernel: fc.integer({ min: 1, max: kernel }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.nat(2),
    after: fc.nat(2),
    spare: fc.nat(3),
  });

type Axis = ReturnType<typeof axis> extends fc.Arbitrary<infer T> ? T : never;

/** Any number of axes, kernel, stride, dilation, padding on each side, groups, channels and batch, drawn together. */
export const situations: fc.Arbitrary<Situation> = fc
  .record({
    axes: fc.oneof(
      { weight: 2, arbitrary: fc.array(axis(3), { minLength: 1, maxLength: 1 }) },
      { weight: 4, arbitrary: fc.array(axis(3), { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(axis(2), { minLength: 3, maxLength: 3 }) },
    ),
    // Batch 0 now and then: everything is empty, and nothing may throw.
    batch: fc.constantFrom(1, 2, 1, 2, 1, 2, 0),
    groups: fc.constantFrom(1, 2, 3, 1),
    channels: fc.integer({ min: 1, max: 2 }),
    filters: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ axes, batch, groups, channels, filters }) => {
    const sizes = axes.map(inputSize);
    return {
      x: [batch, groups * channels, ...sizes],
      w: [groups * filters, channels, ...axes.map(({ kernel }) => kernel)],
      y: [
        batch,
        groups * filters,
        ...axes.map((a, i) => countWindows(sizes[i], a.kernel, a.stride, a.dilation, [a.before, a.after])),
      ],
      attrs: {
        stride: axes.map(({ stride }) => stride),
        dilation: axes.map(({ dilation }) => dilation),
        padding: axes.map(({ before, after }): [number, number] => [before, after]),
        groups,
      },
    };
  });

function inputSize({ kernel, dilation, before, after, spare }: Axis): number {
  return Math.max(1, (kernel - 1) * dilation + 1 - before - after) + spare;
}

import * as fc from 'fast-check';

/** How a transposed convolution slides, every entry written out. */
export interface TransposeAttrs {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
}

export interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: readonly [number, number];
  readonly outputPadding: number;
}

/** With `beyond`, outputPadding may be as large as no convolution leaves unread. */
export const axis = (largest: number, beyond = true): fc.Arbitrary<Axis> =>
  fc
    .record({
      size: fc.integer({ min: 1, max: largest }),
      kernel: fc.integer({ min: 1, max: largest }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 3 }),
      before: fc.nat(3),
      after: fc.nat(3),
      extra: fc.nat(2),
    })
    .map(({ before, after, extra, ...rest }) => {
      const outputPadding = Math.min(extra, Math.max(rest.stride, beyond ? rest.dilation : 1) - 1);
      // Something must be left.
      const full = (rest.size - 1) * rest.stride + rest.dilation * (rest.kernel - 1) + outputPadding + 1;
      const first = Math.min(before, full - 1);
      return { ...rest, outputPadding, padding: [first, Math.min(after, full - 1 - first)] as const };
    });

export interface TransposeSituation {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attrs: TransposeAttrs;
}

/** Every option drawn together, outputPadding beyond the stride among them. */
export const transposeSituations: fc.Arbitrary<TransposeSituation> = fc
  .record({
    axes: fc.oneof(
      { weight: 2, arbitrary: fc.array(axis(4), { minLength: 1, maxLength: 1 }) },
      { weight: 4, arbitrary: fc.array(axis(3), { minLength: 2, maxLength: 2 }) },
      { weight: 2, arbitrary: fc.array(axis(2), { minLength: 3, maxLength: 3 }) },
    ),
    batch: fc.constantFrom(1, 2, 1, 2, 1, 2, 0),
    groups: fc.constantFrom(1, 2, 3, 1),
    channels: fc.integer({ min: 1, max: 2 }),
    filters: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ axes, batch, groups, channels, filters }) => ({
    x: [batch, groups * channels, ...axes.map(({ size }) => size)],
    w: [groups * channels, filters, ...axes.map(({ kernel }) => kernel)],
    attrs: {
      stride: axes.map(({ stride }) => stride),
      dilation: axes.map(({ dilation }) => dilation),
      padding: axes.map(({ padding }) => padding),
      outputPadding: axes.map(({ outputPadding }) => outputPadding),
      groups,
    },
  }));

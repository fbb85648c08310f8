import {
  expectSame,
  functionOp,
  type Law,
  type Laws,
  opLaws,
  type OpSample,
  floats,
  smallIntegers,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { roll, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { conv1d, conv2d, conv3d } from './conv.js';
import type { ConvOptions, PaddingFill } from './convolve.js';
import type { ConvAttrs } from './op.js';
import { countWindows, walk } from './oracle.laws.js';
import { situations } from './samples.laws.js';

interface Filled extends ConvAttrs {
  readonly paddingMode: PaddingFill;
}

const filledConv = functionOp('conv with paddingMode', (attrs: Filled, x: Tensor, w: Tensor) =>
  [conv1d, conv2d, conv3d][x.rank - 3](x, w, null, attrs),
);

const samples = fc
  .record({ s: situations, paddingMode: fc.constantFrom('reflect', 'replicate', 'circular', 'zeros') })
  .map(({ s: { x, w, attrs }, paddingMode }): OpSample<Filled> => {
    // As much padding as a border has to give.
    const [batch, channels, ...sizes] = x;
    const enough = sizes.map((n, axis) => Math.max(n, ...attrs.padding[axis]) + (paddingMode === 'reflect' ? 1 : 0));
    return { attrs: { ...attrs, paddingMode }, inputs: [floats([batch, channels, ...enough]), floats(w)] };
  });

const axis = { stride: [1], dilation: [1], groups: 1 };

/** Convolution whose padding is zeros or elements of the input. */
export const fillLaws: Laws = opLaws(filledConv, {
  samples,
  invalid: [
    {
      attrs: { ...axis, padding: [[0, 3]], paddingMode: 'reflect' },
      inputs: [floats([1, 1, 3]), floats([1, 1, 2])],
      throws: /conv1d: reflect padding must be below the 3 elements/,
    },
    {
      attrs: { ...axis, padding: [[4, 0]], paddingMode: 'circular' },
      inputs: [floats([1, 1, 3]), floats([1, 1, 2])],
      throws: /conv1d: circular padding must be at most the 3 elements/,
    },
  ],
  oracle({ stride, dilation, padding, groups, paddingMode }, x, w) {
    const sizes = padding.map((sides, i) =>
      countWindows(x.shape[i + 2], w.shape[i + 2], stride[i], dilation[i], [...sides]),
    );
    const shape = [x.shape[0], w.shape[0], ...sizes];
    const data = new Array<number>(sizeOf(shape)).fill(0);
    const shapes = { stride, dilation, padding, groups, x: x.shape, w: w.shape, y: shape, fill: paddingMode };
    walk(shapes, (i, k, j) => (data[j] += x.data[i] * w.data[k]));
    return { shape, data };
  },
});

type Conv = (x: Tensor, weight: Tensor, options: ConvOptions) => Tensor;

const equivariance: Law<
  Conv,
  { readonly by: readonly [number, number]; readonly kernel: number; readonly seed: number }
> = {
  name: 'rolls with the image',
  statement: 'With circular padding that keeps the size, rolling the image rolls the result: there is no border.',
  formula: 'conv(roll(x, t)) = roll(conv(x), t)',
  subject: (x, weight, options) => conv2d(x, weight, null, options),
  cases: fc.record({
    by: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })),
    kernel: fc.integer({ min: 2, max: 4 }),
    seed: fc.nat(1e6),
  }),
  mutants: (['zeros', 'reflect', 'replicate'] as const).map((paddingMode) => ({
    name: `the padding is ${paddingMode}`,
    plant: (conv) => (x, w, options) => conv(x, w, { ...options, paddingMode }),
  })),
  holds(conv, { by, kernel, seed }) {
    const x = tensor(smallIntegers(40, seed, 0), { shape: [1, 2, 4, 5] });
    const w = tensor(smallIntegers(2 * kernel * kernel, seed, 1), { shape: [1, 2, kernel, kernel] });
    const convolve = (image: Tensor): Tensor => conv(image, w, { padding: 'same', paddingMode: 'circular' });
    const [received, expected] = [convolve(roll(x, [...by], [2, 3])), roll(convolve(x), [...by], [2, 3])];
    const compared = { what: 'conv(roll(x, t))', shape: expected.shape, source: 'roll(conv(x), t)' };
    expectSame(compared, received.dataSync(), expected.dataSync(), 'number');
  },
};

export const circularLaws: Laws = { subject: 'conv2d with circular padding', laws: [equivariance] };

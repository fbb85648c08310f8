import { expect, test } from 'vitest';
import {
  convGeometry,
  convOutputShape,
  OptionError,
  ShapeError,
  transposedConvGeometry,
  transposedConvOutputShape,
} from './index.js';

test('a 3 x 32 x 32 image: one 3 x 5 x 5 filter gives 1 x 28 x 28, six give 6 x 28 x 28', () => {
  const input = [1, 3, 32, 32];
  expect(convOutputShape('conv2d', { input, weight: [1, 3, 5, 5] })).toEqual([1, 1, 28, 28]);
  expect(convOutputShape('conv2d', { input, weight: [6, 3, 5, 5], bias: [6], spatialRank: 2 })).toEqual([1, 6, 28, 28]);
  expect(convOutputShape('conv2d', { input: [1, 1, 7, 7], weight: [1, 1, 3, 3] })).toEqual([1, 1, 5, 5]);
});

test('C14: every axis has its own size, kernel, stride, dilation and padding', () => {
  const query = {
    input: [2, 4, 9, 20],
    weight: [6, 2, 3, 4],
    stride: [1, 3],
    dilation: [2, 1],
    padding: [1, [0, 2]],
    groups: 2,
  } as const;
  expect(convGeometry('conv2d', query)).toEqual({
    outputShape: [2, 6, 7, 7],
    kernel: [3, 4],
    stride: [1, 3],
    dilation: [2, 1],
    padding: [
      [1, 1],
      [0, 2],
    ],
    groups: 2,
  });
});

test('any number of spatial axes; a batch of 0 (C12)', () => {
  expect(convOutputShape('conv1d', { input: [2, 1, 8], weight: [3, 1, 3], padding: 'same' })).toEqual([2, 3, 8]);
  expect(convOutputShape('conv3d', { input: [2, 1, 8, 7, 6], weight: [3, 1, 3, 3, 3] })).toEqual([2, 3, 6, 5, 4]);
  expect(convOutputShape('conv2d', { input: [0, 3, 8, 8], weight: [4, 3, 3, 3] })).toEqual([0, 4, 6, 6]);
});

test('all reasons are listed at once, with axes and shapes', () => {
  const query = { input: [1, 3, 4, 32], weight: [6, 4, 5, 5], bias: [5] };
  expect(() => convOutputShape('conv2d', query)).toThrow(
    [
      'conv2d: 3 problems',
      '  1. the weight reads 4 channels a group, but the input has 3 / 1 = 3 (axis 1). Use a weight of [O, 3, ...kernel], or set groups.',
      '  2. bias must have one element for each of the 6 output channels (received [5], expected [6]).',
      '  3. the kernel spans 5, but the padded input has 4 + 0 + 0 = 4 (axis 2). Use a smaller kernel or dilation, more padding, or a larger input.',
      '  shapes: input [1, 3, 4, 32], weight [6, 4, 5, 5], bias [5]',
    ].join('\n'),
  );
  expect(() => convOutputShape('conv2d', { input: [1, 3, 4, 3], weight: [6, 3, 5, 5] })).toThrow(
    [
      'conv2d: 2 problems',
      '  1. the kernel spans 5, but the padded input has 4 + 0 + 0 = 4 (axis 2). Use a smaller kernel or dilation, more padding, or a larger input.',
      '  2. the kernel spans 5, but the padded input has 3 + 0 + 0 = 3 (axis 3). Use a smaller kernel or dilation, more padding, or a larger input.',
      '  shapes: input [1, 3, 4, 3], weight [6, 3, 5, 5]',
    ].join('\n'),
  );
});

test('ranks, groups, options and padding lists that do not fit are refused', () => {
  const input = [1, 4, 8, 8];
  const weight = [6, 2, 3, 3];
  const refused = (query: object, text: string) =>
    expect(() => convOutputShape('conv2d', { input, weight, ...query })).toThrow(text);
  refused({}, 'the weight reads 2 channels a group, but the input has 4 / 1 = 4');
  refused(
    { groups: 2, weight: [6, 3, 3, 3] },
    'the weight reads 3 channels a group, but the input has 4 / 2 = 2 (axis 1). Use a weight of [O, 2, ...kernel].',
  );
  refused({ groups: 3 }, 'groups 3 must divide the 4 input channels');
  refused({ groups: 4, weight: [6, 1, 3, 3] }, 'groups 4 must divide the 6 filters');
  refused({ groups: 2, bias: [6, 1] }, 'bias must have one element for each of the 6 output channels (received [6, 1]');
  refused({ groups: 0 }, 'groups must be an integer of at least 1');
  refused({ groups: 1.5 }, 'groups must be an integer of at least 1');
  refused({ input: [4, 8, 8] }, 'must have as many axes (received [3, 4]). One image is a batch of 1');
  refused({ spatialRank: 1 }, 'weight must have 3 axes [O, C / groups, ...kernel] (received 4).');
  refused(
    { input: [1, 4], weight: [6, 4] },
    'weight must have at least 3 axes [O, C / groups, ...kernel] (received 2).',
  );
  refused({ input: [1, 4, NaN, 8] }, 'must be non-negative integers (axis 2, received NaN)');
  refused({ groups: 2, padding: [1, 2, 3] }, 'padding needs one value, or one for each of the 2 spatial axes');
  refused({ groups: 2, stride: [1] }, 'stride needs one number, or one for each of the 2 spatial axes');
  refused({ groups: 2, dilation: 0 }, 'dilation must be integers of at least 1');
  refused({ groups: 2, padding: 'same', stride: 2 }, "padding 'same' needs stride 1 (axis 2, received 2)");
  refused({ groups: 2, input: [1, 4, 0, 8] }, 'size must be an integer of at least 1 (axis 2, received 0)');
  expect(() => convOutputShape('conv1d', { input: [1, 1, 8], weight: [1, 1, 3], padding: [1, 2] })).toThrow(
    'For different sides of one axis write [[1, 2]]',
  );
  expect(() => convOutputShape('conv2d', { input, weight, strides: 2 } as never)).toThrow(OptionError);
});

test('C8: transposed convolution along every axis, with groups', () => {
  const query = {
    input: [2, 4, 5, 3],
    weight: [4, 3, 3, 2],
    bias: [6],
    groups: 2,
    stride: [2, 1],
    padding: [1, [0, 1]],
    outputPadding: [1, 0],
    spatialRank: 2,
  } as const;
  expect(transposedConvOutputShape('convTranspose2d', query)).toEqual([2, 6, 10, 3]);
  expect(transposedConvGeometry('convTranspose2d', query)).toMatchObject({
    stride: [2, 1],
    dilation: [1, 1],
    padding: [
      [1, 1],
      [0, 1],
    ],
    outputPadding: [1, 0],
    groups: 2,
  });
});

test('a transposed convolution undoes the shape of the convolution with the same weight', () => {
  const options = { weight: [6, 2, 3, 4], stride: [2, 3], dilation: [1, 2], padding: [[1, 0], 2], groups: 2 } as const;
  const input = [3, 4, 9, 20];
  const output = convOutputShape('conv2d', { input, ...options });
  expect(transposedConvOutputShape('convTranspose2d', { input: output, ...options, outputPadding: [1, 2] })).toEqual(
    input,
  );
});

test('transposed convolution lists all reasons', () => {
  const query = { input: [2, 3, 5, 5], weight: [4, 3, 3, 3], bias: [3], groups: 2 };
  expect(() => transposedConvOutputShape('convTranspose2d', query)).toThrow(
    [
      'convTranspose2d: 3 problems',
      '  1. the weight reads 4 channels, but the input has 3 (axis 1). Use a weight of [3, O / groups, ...kernel].',
      '  2. groups 2 must divide the 3 input channels (axis 1).',
      '  3. bias must have one element for each of the 6 output channels (received [3], expected [6]).',
      '  shapes: input [2, 3, 5, 5], weight [4, 3, 3, 3], bias [3]',
    ].join('\n'),
  );
  const fits = { input: [2, 4, 5, 5], weight: [4, 3, 3, 3] };
  const tooMuch = 'outputPadding must be an integer from 0 to 0, below max(stride 1, dilation 1)';
  expect(() => transposedConvOutputShape('t', { ...fits, outputPadding: 1 })).toThrow(
    `t: 2 problems\n  1. ${tooMuch} (axis 2, received 1).\n  2. ${tooMuch} (axis 3, received 1).`,
  );
  expect(() => transposedConvOutputShape('t', { ...fits, outputPadding: -1 })).toThrow(
    't: outputPadding must be integers of at least 0 (received -1).',
  );
  expect(() => transposedConvOutputShape('t', { ...fits, input: [2, 4, 5] })).toThrow(
    't: input [N, C, ...spatial] and weight [C, O / groups, ...kernel] must have as many axes (received [3, 4]).',
  );
  expect(() => transposedConvOutputShape('t', { ...fits, padding: 'same' as never })).toThrow(ShapeError);
  expect(() => transposedConvOutputShape('t', { ...fits, outputSize: 3 } as never)).toThrow(OptionError);
});

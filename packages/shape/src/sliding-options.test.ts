import { expect, test } from 'vitest';
import { checkSlidingOptions, Problems, type SlidingOptions } from './index.js';

const refusal = (options: SlidingOptions): string => {
  try {
    checkSlidingOptions('conv2d', 2, options);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
};

test('options of a window that some input can make right are taken', () => {
  expect(refusal({ kernelSize: 3 })).toBe('none');
  expect(refusal({ kernelSize: [3, 99], stride: 2, dilation: [1, 4], padding: [1, [0, 2]] })).toBe('none');
  expect(refusal({ kernelSize: 2, padding: 'same' })).toBe('none');
  expect(refusal({ kernelSize: 2, stride: 3, padding: 'same-lower' })).toBe('none');
});

test('what no input can make right is refused, by name and axis', () => {
  expect(refusal({ kernelSize: 0, stride: [1], dilation: 0.5 })).toBe(
    [
      'conv2d: 3 problems',
      '  1. kernelSize must be integers of at least 1 (received 0).',
      '  2. stride needs one number, or one for each of the 2 spatial axes (received [1]).',
      '  3. dilation must be integers of at least 1 (received 0.5).',
    ].join('\n'),
  );
  const hint = "Use 'same-upper' or 'same-lower', whose output has ceil(size / stride) elements, or give numbers.";
  expect(refusal({ kernelSize: 3, stride: [1, 2], padding: 'same' })).toBe(
    `conv2d: padding 'same' needs stride 1 (axis 3, received 2). ${hint}`,
  );
  expect(refusal({ kernelSize: 3, padding: [-1, 0] })).toMatch(
    /^conv2d: padding must be .* \(axis 2, received -1\)\.$/,
  );
});

test('paddings are not looked at where the window is none, and a collector throws later', () => {
  const problems = new Problems('conv2d');
  checkSlidingOptions(problems, 2, { kernelSize: 0, stride: 2, padding: 'same' });
  expect(problems.reasons).toEqual([{ rule: 'kernelSize must be integers of at least 1', received: 0 }]);
});

import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { outputPaddingFor, outputSize, Problems, ShapeError, transposedOutputSize, transposedSlide } from './index.js';

const windows = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  kernel: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 4 }),
  padding: fc.tuple(fc.nat(3), fc.nat(3)),
});

test('C8: without padding the result reaches to the last element written', () => {
  fc.assert(
    fc.property(windows, ({ size, kernel, stride, dilation }) => {
      let last = 0;
      for (let i = 0; i < size; i++) for (let j = 0; j < kernel; j++) last = Math.max(last, i * stride + j * dilation);
      expect(transposedOutputSize({ size, kernel, stride, dilation })).toBe(last + 1);
    }),
  );
});

test('C8, C10: it undoes the size of the convolution, whose lost elements outputPadding restores', () => {
  fc.assert(
    fc.property(windows, ({ size: input, kernel, stride, dilation, padding }) => {
      fc.pre(input + padding[0] + padding[1] >= dilation * (kernel - 1) + 1);
      const size = outputSize({ size: input, kernel, stride, dilation, padding });
      const window = { size, kernel, stride, dilation, padding };
      const outputPadding = outputPaddingFor(window, input);
      expect(outputPadding).toBeLessThan(stride);
      expect(transposedOutputSize({ ...window, outputPadding })).toBe(input);
    }),
    { numRuns: 500 },
  );
});

test('C9: kernel 1 and stride 2 turn width 2 into width 3', () => {
  expect(transposedOutputSize({ size: 2, kernel: 1, stride: 2 })).toBe(3);
});

test('C8: outputPadding must be below the larger of stride and dilation', () => {
  const window = { size: 4, kernel: 3, stride: 2, dilation: 3 };
  expect(transposedOutputSize({ ...window, outputPadding: 2 })).toBe(15);
  expect(() => transposedOutputSize({ ...window, outputPadding: 3 }, 'convTranspose1d')).toThrow(
    'convTranspose1d: outputPadding must be an integer from 0 to 2, below max(stride 2, dilation 3) (received 3).',
  );
  for (const outputPadding of [-1, 0.5, NaN]) {
    expect(() => transposedOutputSize({ ...window, outputPadding })).toThrow(ShapeError);
  }
});

test('C8: an output size out of reach is refused with those in reach, dilation included', () => {
  const window = { size: 4, kernel: 3, stride: 2, dilation: 2 };
  expect(outputPaddingFor(window, 11)).toBe(0);
  expect(outputPaddingFor(window, 12)).toBe(1);
  expect(() => outputPaddingFor(window, 13)).toThrow(
    'outputPaddingFor: this output size cannot be reached (received 13, expected 11 to 12).',
  );
  expect(() => outputPaddingFor(window, 10)).toThrow(ShapeError);
  expect(() => outputPaddingFor({ size: 4, kernel: 3 }, 7)).toThrow('(received 7, expected 6)');
  expect(() => outputPaddingFor(window, 11.5)).toThrow(ShapeError);
  expect(() => outputPaddingFor({ ...window, outputPadding: 1 } as typeof window, 11)).toThrow('unknown option');
});

test('nothing left, and padding by name, are refused', () => {
  expect(() => transposedOutputSize({ size: 1, kernel: 2, padding: 1 })).toThrow(
    'nothing is left: 2 elements less padding 1 + 1 is 0. Use less padding.',
  );
  expect(() => transposedOutputSize({ size: 1, kernel: 2, padding: 'same' as unknown as number })).toThrow(
    "a transposed convolution takes its padding as numbers (received 'same'). " +
      'Give the padding of the convolution that it transposes, and choose the size with outputPadding.',
  );
  expect(transposedOutputSize({ size: 3, kernel: 2, padding: 'valid' as unknown as number })).toBe(4);
  const text = 'size must be an integer of at least 1 (received 0).';
  expect(() => transposedOutputSize({ size: 0, kernel: 2 })).toThrow(`transposedOutputSize: ${text}`);
  expect(() => transposedSlide({ size: 0, kernel: 2 })).toThrow(`transposedOutputSize: ${text}`);
  // Which sizes a window could reach is not said where it is none.
  expect(() => outputPaddingFor({ size: 0, kernel: 2 }, 7)).toThrow(`outputPaddingFor: ${text}`);
});

test('whoever collects reasons goes on with what fits', () => {
  const problems = new Problems('convTranspose1d');
  expect(transposedSlide({ size: 0, kernel: 1 }, problems)).toEqual({ size: 1, padding: [0, 0] });
  expect(transposedSlide({ size: 3, kernel: 2, padding: 'same' as unknown as number }, problems)).toEqual({
    size: 4,
    padding: [0, 0],
  });
  expect(transposedSlide({ size: 3, kernel: 2, padding: 1, outputPadding: 1 }, problems)).toEqual({
    size: 1,
    padding: [1, 1],
  });
  expect(transposedSlide({ size: 1, kernel: 1, padding: 1 }, problems)).toEqual({ size: 1, padding: [1, 1] });
  expect(problems.reasons).toHaveLength(4);
  // No axis was named, so that none is.
  expect(problems.reasons[0]).toStrictEqual({ rule: 'size must be an integer of at least 1', received: 0 });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalize } from './transform.js';

const label = { data: Int32Array.of(1, 2), shape: [2] };

test('bytes become float32, (x / 255 − mean) / std; other columns pass', () => {
  const image = { data: Uint8Array.of(0, 255, 128, 7), shape: [2, 2] };
  const out = normalize('image', { mean: 0.1307, std: 0.3081 })({ image, label });
  expect(out.label).toBe(label);
  expect(out.image.shape).toEqual([2, 2]);
  expect(out.image.data).toEqual(Float32Array.from([0, 255, 128, 7], (x) => (x * (1 / 255) - 0.1307) / 0.3081));
  expect(image.data).toEqual(Uint8Array.of(0, 255, 128, 7));
});

test('lists run along axis 1, or the axis given', () => {
  const batch = { x: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2, 2] } };
  expect([...normalize('x', { mean: [1, 2], std: 1 })(batch).x.data]).toEqual([0, 1, 1, 2, 4, 5, 5, 6]);
  expect([...normalize('x', { mean: 0, std: [1, 2], axis: 2 })(batch).x.data]).toEqual([1, 1, 3, 2, 5, 3, 7, 4]);
  expect([...normalize('x', { mean: [1, 2], std: [1, 2], scale: 2 })(batch).x.data]).toEqual([1, 3, 2, 3, 9, 11, 6, 7]);
});

test('bytes through the table give the same bits as floats through the formula', () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true });
  const three = fc.tuple(number, number, number);
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      three,
      fc.double({ min: 0.01, max: 9, noNaN: true }),
      (bytes, mean, std) => {
        const shape = [2, 3, 2];
        const fromBytes = normalize('x', { mean, std })({ x: { data: bytes, shape } });
        const fromFloats = normalize('x', { mean, std, scale: 1 / 255 })({
          x: { data: Float32Array.from(bytes), shape },
        });
        expect(fromBytes).toEqual(fromFloats);
      },
    ),
  );
});

test('an empty batch is normalised to one', () => {
  const out = normalize('x', { mean: [1, 2], std: 1 })({ x: { data: new Uint8Array(0), shape: [0, 2] } });
  expect(out.x).toEqual({ data: new Float32Array(0), shape: [0, 2] });
});

test('wrong options throw at once, wrong batches when they come', () => {
  expect(() => normalize('x', { mean: 0, std: 0 })).toThrow(
    new RangeError('normalize: received std 0; expected a positive, finite number'),
  );
  expect(() => normalize('x', { mean: [0, NaN], std: 1 })).toThrow(
    'normalize: received mean NaN; expected a finite number',
  );
  expect(() => normalize('x', { mean: 0, std: 1, scale: Infinity })).toThrow('received scale Infinity');
  expect(() => normalize('x', { mean: 0, std: 1, axis: 0 })).toThrow(
    'received axis = 0; expected an integer of at least 1',
  );
  expect(() => normalize('x', { mean: 0, sd: 1 } as never)).toThrow("normalize: received unknown option 'sd'");
  const run = normalize('x', { mean: [0, 0, 0], std: [1] });
  expect(() => run({ y: label } as never)).toThrow("normalize: received a batch of columns y; expected a column 'x'");
  expect(() => run({ x: { data: new Uint8Array(4), shape: [1, 4] } })).toThrow(
    "normalize, column 'x': received lists of 3 and 1 for shape [1, 4]; expected one number for each of the 4 indices of axis 1",
  );
});

test('an axis is of lists, and a column is one of the batch', () => {
  expect(() => normalize('x', { mean: 0, std: 1, axis: 2 })).toThrow(
    new RangeError('normalize: received axis = 2 beside one mean and std for all; expected a list of one'),
  );
  expect(() => normalize('constructor', { mean: 0, std: 1 })({ y: label } as never)).toThrow(
    "normalize: received a batch of columns y; expected a column 'constructor'",
  );
});

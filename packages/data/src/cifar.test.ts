import { expect, test } from 'vitest';
import { readCifar10, readCifar100 } from './cifar.js';
import { concat } from './columns.js';
import { DataError } from './error.js';

/** A record whose plane p holds p · 70 + i mod 100 at pixel i. */
const record = (...labels: number[]): number[] => [
  ...labels,
  ...Array.from({ length: 3072 }, (_, i) => Math.floor(i / 1024) * 70 + ((i % 1024) % 100)),
];

test('D2: CIFAR-10, one label byte, then planes of red, green and blue', () => {
  const { image, label } = readCifar10(Uint8Array.from([...record(9), ...record(0)]));
  expect(label).toEqual({ data: Int32Array.of(9, 0), shape: [2] });
  expect(image.shape).toEqual([2, 3, 32, 32]);
  for (const n of [0, 1]) {
    expect([0, 1, 1023, 1024, 2048, 3071].map((i) => image.data[n * 3072 + i])).toEqual([0, 1, 23, 70, 140, 163]);
  }
});

test('D2: CIFAR-100, the coarse label before the fine one', () => {
  const { image, label, coarse } = readCifar100(Uint8Array.from(record(19, 99)));
  expect(label).toEqual({ data: Int32Array.of(99), shape: [1] });
  expect(coarse).toEqual({ data: Int32Array.of(19), shape: [1] });
  expect([...image.data]).toEqual(record());
});

test('D2: the wrong length or label names the file', () => {
  const bytes = Uint8Array.from(record(10));
  expect(() => readCifar10(bytes, { name: 'data_batch_1.bin' })).toThrow(
    new DataError({
      source: 'data_batch_1.bin',
      received: 'label 10 at index 0 (1 of 1 labels are out of range)',
      expected: 'integers from 0 to 9, for 10 classes',
    }),
  );
  expect(() => readCifar100(bytes, { name: 'train.bin' })).toThrow(
    'train.bin: received 3073 bytes; expected a multiple of 3074: 2 label byte(s) and 3072 of pixels an image. ' +
      'The file may be truncated, compressed, or of the other CIFAR',
  );
  expect(() => readCifar100(Uint8Array.from(record(20, 0)))).toThrow('expected integers from 0 to 19');
  expect(() => readCifar10(new Uint8Array(0))).toThrow('CIFAR-10 file: received 0 bytes');
});

test('D2: several files are joined', () => {
  const joined = concat([readCifar10(Uint8Array.from(record(1))), readCifar10(Uint8Array.from(record(2)))]);
  expect(joined.label).toEqual({ data: Int32Array.of(1, 2), shape: [2] });
  expect(joined.image.shape).toEqual([2, 3, 32, 32]);
  expect([...joined.image.data]).toEqual([...record(), ...record()]);
});

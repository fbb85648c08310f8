import type { Column } from './columns.js';
import { DataError } from './error.js';
import { checkLabels } from './labels.js';
import { checkBytes, checkKeys } from './options.js';

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/** Images `[n, 3, 32, 32]` (planes red, green, blue) and labels `[n]` from 0 to 9. */
export type Cifar10 = {
  readonly image: Column<Uint8Array>;
  readonly label: Column<Int32Array>;
};

/** As {@link Cifar10}, with 100 classes and the 20 coarse classes that hold them. */
export type Cifar100 = Cifar10 & { readonly coarse: Column<Int32Array> };

/**
 * Reads a file of CIFAR-10's binary version: records of one label byte and three planes of 1,024 bytes
 * (https://www.cs.toronto.edu/~kriz/cifar.html).
 *
 * @param options `name`: what errors call the file; default `CIFAR-10 file`.
 * @throws DataError where the length is no multiple of 3,073 or a label is over 9.
 */
export function readCifar10(bytes: Uint8Array, options: { readonly name?: string } = {}): Cifar10 {
  checkKeys('readCifar10', options, ['name']);
  checkBytes('readCifar10', bytes);
  const { image, labels } = readRecords(bytes, options.name ?? 'CIFAR-10 file', [10]);
  return { image, label: labels[0]! };
}

/**
 * Reads a file of CIFAR-100's binary version, whose records have two label bytes, the coarse one first.
 *
 * @param options `name`: what errors call the file; default `CIFAR-100 file`.
 * @throws DataError where the length is no multiple of 3,074, a coarse label is over 19 or a fine one over 99.
 */
export function readCifar100(bytes: Uint8Array, options: { readonly name?: string } = {}): Cifar100 {
  checkKeys('readCifar100', options, ['name']);
  checkBytes('readCifar100', bytes);
  const { image, labels } = readRecords(bytes, options.name ?? 'CIFAR-100 file', [20, 100]);
  return { image, label: labels[1]!, coarse: labels[0]! };
}

function readRecords(
  bytes: Uint8Array,
  source: string,
  classes: readonly number[],
): { image: Column<Uint8Array>; labels: Column<Int32Array>[] } {
  const record = classes.length + PIXELS;
  const count = bytes.length / record;
  if (bytes.length === 0 || !Number.isInteger(count)) {
    throw new DataError({
      source,
      received: `${bytes.length} bytes`,
      expected: `a multiple of ${record}: ${classes.length} label byte(s) and ${PIXELS} of pixels an image`,
      fix: 'The file may be truncated, compressed, or of the other CIFAR',
    });
  }
  const labels = classes.map((_, which) => Int32Array.from({ length: count }, (_, i) => bytes[i * record + which]!));
  labels.forEach((label, which) => checkLabels(label, { classes: classes[which]!, name: source }));
  const image = new Uint8Array(count * PIXELS);
  for (let i = 0; i < count; i++) {
    image.set(bytes.subarray(i * record + classes.length, (i + 1) * record), i * PIXELS);
  }
  return {
    image: { data: image, shape: [count, 3, SIDE, SIDE] },
    labels: labels.map((data) => ({ data, shape: [count] })),
  };
}

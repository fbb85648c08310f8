import { expect, test } from 'vitest';
import { DataError } from './error.js';
import { checkLabels } from './labels.js';

test('labels in range pass', () => {
  expect(() => checkLabels(Uint8Array.of(0, 9), { classes: 10, count: 2 })).not.toThrow();
  expect(() => checkLabels([0, 1000], {})).not.toThrow();
});

test('a count that differs names both', () => {
  expect(() => checkLabels([1, 2, 3], { classes: 10, count: 4, name: 't10k' })).toThrow(
    new DataError({
      source: 't10k',
      received: '3 labels for 4 samples',
      expected: 'one label a sample',
      fix: 'The samples and the labels may come from different files',
    }),
  );
});

test('the first label out of range is named, and how many there are', () => {
  expect(() => checkLabels(Int32Array.of(0, 10, -1, 3), { classes: 10 })).toThrow(
    'labels: received label 10 at index 1 (2 of 4 labels are out of range); expected integers from 0 to 9, for 10 classes',
  );
  expect(() => checkLabels([0.5], { classes: 10 })).toThrow('received label 0.5 at index 0');
  expect(() => checkLabels([NaN], {})).toThrow(
    'received label NaN at index 0 (1 of 1 labels are out of range); expected integers from 0',
  );
});

test('options are checked', () => {
  expect(() => checkLabels([0], { classes: 0 })).toThrow(
    new RangeError('checkLabels: received classes = 0; expected an integer of at least 1'),
  );
  expect(() => checkLabels([0], { clases: 10 } as object)).toThrow("received unknown option 'clases'");
});

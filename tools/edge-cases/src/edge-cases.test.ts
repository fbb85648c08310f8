import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { allCases, caseTables, codesIn, findPlaces, type CaseResult } from './index.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const places = findPlaces(root);

test('codes stand in front of a title, behind its subject, or at its end', () => {
  expect(codesIn('C1: a kernel')).toEqual(['C1']);
  expect(codesIn('C1, P12: both')).toEqual(['C1', 'P12']);
  expect(codesIn('conv2d: C10: adjoint')).toEqual(['C10']);
  expect(codesIn('adjoint of convolution (C10)')).toEqual(['C10']);
  for (const title of ['smooth L1 at 0', 'LeNet C3 has 16 maps', 'P1', 'L1 loss: the mean'])
    expect(codesIn(title)).toEqual([]);
});

describe('every case has a test, and every code a case', () => {
  test('each code once', () => {
    expect(new Set(allCases.map(({ code }) => code)).size).toBe(allCases.length);
  });
  test.each(allCases.map(({ code, pending }) => [code, pending] as const))('%s', (code, pending) => {
    const files = places.filter((place) => place.code === code).map(({ file }) => file);
    // What has no test says why, and stops saying it once there is one.
    if (pending === undefined) expect(files).not.toEqual([]);
    else expect(files).toEqual([]);
  });
  test('no title names a code that is none', () => {
    const codes = new Set(allCases.map(({ code }) => code));
    expect(places.filter(({ code }) => !codes.has(code))).toEqual([]);
  });
});

test('the table has a row for every case, with links to its threads', () => {
  const results = allCases.map(
    (each): CaseResult => ({
      ...each,
      tests: [{ file: 'a.test.ts', name: 'x | y', status: 'passed' }],
      result: 'passed',
    }),
  );
  const table = caseTables(results);
  for (const { code } of allCases) expect(table).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  expect(table).toContain('[pytorch/pytorch#45667](https://github.com/pytorch/pytorch/issues/45667)');
  expect(table).toContain('`a.test.ts`: x \\| y');
  expect(table).toContain(`${allCases.length} passed, 0 failed, 0 not yet.`);
});

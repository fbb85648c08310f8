import * as tensorPackage from '@lemmata/tensor';
import type { OpDef } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { check } from '../index.js';
import { coreLaws, coreOps } from './core-laws.js';

test('every op that the tensor package exports has laws', () => {
  const isOp = (value: unknown): value is OpDef =>
    typeof value === 'object' && value !== null && 'infer' in value && 'name' in value;
  const exported = Object.entries(tensorPackage).filter(([, value]) => isOp(value));
  expect(exported.length).toBeGreaterThan(50);
  const covered = new Set<unknown>(coreOps.map(({ op }) => op));
  expect(exported.filter(([, op]) => !covered.has(op)).map(([name]) => name)).toEqual([]);
});

test('no op has laws twice', () => {
  const names = coreOps.map(({ op }) => op.name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

check(coreLaws(), test);

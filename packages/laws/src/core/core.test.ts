import * as tensorPackage from '@lemmata/tensor';
import type { OpDef } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { check } from '../index.js';
import { readProfile } from '../profile.js';
import { coreLaws, coreOps } from './core-laws.js';

test('every op that the tensor package exports has laws', () => {
  const isOp = (value: unknown): value is OpDef =>
    typeof value === 'object' && value !== null && 'infer' in value && 'name' in value;
  const exported = Object.entries(tensorPackage).filter(([, value]) => isOp(value));
  expect(exported.length).toBeGreaterThan(50);
  const covered = new Set<unknown>(coreOps.map(({ op }) => op));
  expect(exported.filter(([, op]) => !covered.has(op)).map(([name]) => name)).toEqual([]);
});

test('laws run as many cases as they are asked for, in a page too', () => {
  interface Environment {
    readonly env: Readonly<Record<string, string | undefined>>;
  }
  // A page has the one, by these very words, and Node the other.
  const page = (import.meta as unknown as Environment).env;
  const { process } = globalThis as { readonly process?: Environment };
  const { LEMMATA_LAW_RUNS: runs, LEMMATA_LAW_MUTANTS: mutants } = { ...page, ...process?.env };
  expect(readProfile()).toMatchObject({ runs: Number(runs ?? 30), mutants: mutants !== '0' });
});

test('no op has laws twice', () => {
  const names = coreOps.map(({ op }) => op.name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('every general law is applied to an op or left out for a reason, and what is left out is a law of others', () => {
  const ops = coreLaws().filter(({ kind }) => kind === 'op');
  const general = new Set(ops.flatMap(({ laws }) => laws.map(({ name }) => name)));
  expect(general.size).toBeGreaterThan(15);
  for (const { subject, laws, leftOut = [] } of ops) {
    const names = [...laws.map(({ name }) => name), ...leftOut.map(({ law }) => law)];
    expect(new Set(names), subject).toEqual(general);
    expect(names, subject).toHaveLength(general.size);
    for (const { reason } of leftOut) expect(reason, subject).toMatch(/\w \w/);
  }
});

check(coreLaws(), test);

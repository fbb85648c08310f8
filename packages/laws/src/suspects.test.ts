import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectClose, runLaw, Violation, type Law, type Mutant } from './index.js';
import { literal } from './literal.js';

type Map = (x: readonly number[]) => number[];

/** Each number times its place, counted from 1. */
const right: Map = (x) => x.map((v, i) => v * (i + 1));

const bugs: readonly Mutant<Map>[] = [
  { name: '1 % too large', plant: (f) => (x) => f(x).map((v) => v * 1.01) },
  { name: 'one more', plant: (f) => (x) => f(x).map((v) => v + 1) },
  { name: 'opposite sign', plant: (f) => (x) => f(x).map((v) => -v) },
  { name: 'reversed', plant: (f) => (x) => f(x).toReversed() },
  { name: 'first is 0', plant: (f) => (x) => f(x).with(0, 0) },
  { name: 'as if all places were the first', plant: () => (x) => [...x] },
  // Never bites: it says nothing about any subject.
  { name: 'only of a hundred', conditional: true, plant: (f) => f },
  {
    name: 'mean removed',
    conditional: true,
    idempotent: true,
    plant: (f) => (x) => {
      const y = f(x);
      return y.map((v) => v - y.reduce((sum, each) => sum + each, 0) / y.length);
    },
  },
];

const law = (subject: Map, mutants = bugs): Law<Map, number[]> => ({
  name: 'weighs',
  statement: 'Each number is multiplied by its place.',
  formula: 'f(x)ᵢ = i xᵢ',
  subject,
  cases: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 5 }),
  mutants,
  holds(f, x) {
    const y = x.map((v, i) => v * (i + 1));
    expectClose({ what: 'f(x)', shape: [x.length] }, f(x), y, { relative: 1e-9, absolute: 1e-9 });
  },
});

const resembles = (subject: Map): readonly string[] =>
  runLaw(law(subject), { seed: 2, runs: 20, mutants: false }).failure!.resembles;

test.each(bugs.filter(({ name }) => !['only of a hundred', 'first is 0'].includes(name)))(
  'a subject with the bug "$name" is told so',
  (bug) => {
    expect(resembles(bug.plant(right, () => {})!)).toEqual([bug.name]);
  },
);

test('a bug that nobody has planted looks like none of them', () => {
  expect(resembles((x) => right(x).map((v) => v ** 2))).toEqual([]);
  expect(resembles((x) => right(x).map((v) => v * 1.02 + 1))).toEqual([]);
  expect(
    resembles(() => {
      throw new Error('it cannot');
    }),
  ).toEqual([]);
});

test('a zero looks like nothing: it stays a zero under many a bug', () => {
  expect(resembles(bugs.find(({ name }) => name === 'first is 0')!.plant(right, () => {})!)).toEqual([]);
});

test('nothing is like a subject that is right, or that fails once and never again', () => {
  expect(runLaw(law(right), { seed: 2, runs: 20 }).failure).toBeNull();
  let calls = 0;
  const moody: Map = (x) => (calls++ === 0 ? [0, 0, 0] : right(x));
  const once = { ...law(moody), cases: fc.constant([1, 2, 3]) };
  expect(runLaw(once, { runs: 1, mutants: false }).failure!.resembles).toEqual([]);
});

test('shapes that are wrong by as much are alike too', () => {
  const shape: Law<(n: number) => string, number> = {
    name: 'shape',
    statement: '',
    formula: '',
    subject: (n) => `float32[2, ${n + 1}]`,
    cases: fc.integer({ min: 5, max: 9 }),
    mutants: [
      { name: 'one more', plant: (f) => (n) => f(n + 1) },
      { name: 'two more', plant: (f) => (n) => f(n + 2) },
    ],
    holds(f, n) {
      const [received, expected] = [f(n), `float32[2, ${n}]`];
      if (received !== expected) throw new Violation({ what: 'the shape', received, expected });
    },
  };
  expect(runLaw(shape, { mutants: false }).failure!.resembles).toEqual(['one more']);
});

test('a case is printed as code that gives it back', () => {
  const value = {
    'a-b': [1, -0, NaN, Infinity, 2n],
    c: 'it\'s "so"',
    d: null,
    e: new Float32Array([1, 2.5]),
    f: {},
    g: undefined,
  };
  // oxlint-disable-next-line no-new-func -- the text is a literal made above
  expect(new Function(`return ${literal(value)}`)()).toEqual(value);
});

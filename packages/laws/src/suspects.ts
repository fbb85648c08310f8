import * as fc from 'fast-check';
import type { Law, Mutant } from './law.js';
import { Violation, type ViolationFacts } from './violation.js';

/** What a law says of a case: nothing, what it compared, or that something else went wrong. */
type Outcome = null | ViolationFacts | 'error';

/** The failing subject, and the same with one more bug, on one case. */
type Pair = readonly [before: Outcome, after: Outcome];

const CASES_OF_A_SOURCE = 8;
const MOST_CASES = 24;

/**
 * Planted bugs of a law that look like the one its subject has, which is seen by planting each of them on top of it:
 * - a bug that undoes itself (an opposite sign, exchanged axes) makes the law hold;
 * - one that changes nothing when it is made twice, or that replaces the whole, leaves every wrong value as it is;
 * - one that scales or shifts takes the wrong value as far again as it was from the right one.
 */
export function suspects(law: Law, example: unknown, seed: number): string[] {
  const sources = (Array.isArray(law.cases) ? law.cases : [law.cases]) as readonly fc.Arbitrary<unknown>[];
  const drawn = law.once
    ? []
    : sources.flatMap((source) => fc.sample(source, { seed, numRuns: CASES_OF_A_SOURCE })).slice(0, MOST_CASES);
  const cases = [example, ...drawn];
  const before = cases.map((each) => outcome(law, law.subject, each));
  // What fails once and not again looks like nothing, and so does what throws.
  if (before[0] === null || before.includes('error')) return [];
  return law.mutants.filter((mutant) => resembles(law, mutant, cases, before)).map(({ name }) => name);
}

function resembles(law: Law, mutant: Mutant<any>, cases: readonly unknown[], before: readonly Outcome[]): boolean {
  let bitten = false;
  let planted: unknown;
  try {
    planted = mutant.plant(law.subject, () => {
      bitten = true;
    });
  } catch {
    return false;
  }
  if (planted === null) return false;
  const pairs = cases.map((each, i): Pair => [before[i]!, outcome(law, planted, each)]);
  if (pairs.every(([, after]) => after === null)) return true;
  // A conditional bug that has changed nothing may be one that changes nothing here, unless it always does the first time.
  const wouldShow = mutant.conditional !== true || mutant.idempotent === true || bitten;
  if (wouldShow && pairs.every(([a, b]) => same(a, b)) && before.some(isTelling)) return true;
  return pairs.every(([a, b]) => a === null || b === null || asFarAgain(a, b)) && pairs.some(([a, b]) => a && b);
}

function outcome(law: Law, subject: unknown, example: unknown): Outcome {
  try {
    law.holds(subject, example);
    return null;
  } catch (error) {
    return error instanceof Violation ? error.facts : 'error';
  }
}

function same(a: Outcome, b: Outcome): boolean {
  if (a === null || b === null || a === 'error' || b === 'error') return a === b;
  return samePlace(a, b) && close(numbers(a.received), numbers(b.received), 1e-9);
}

/** Zeros and NaN stay what they are under many a bug: that they do tells nothing. */
function isTelling(outcome: Outcome): boolean {
  if (outcome === null || outcome === 'error') return false;
  return numbers(outcome.received).some((v) => Number.isFinite(v) && v !== 0);
}

function samePlace(a: ViolationFacts, b: ViolationFacts): boolean {
  return (
    a.what === b.what && String(a.index) === String(b.index) && close(numbers(a.expected), numbers(b.expected), 1e-9)
  );
}

/** Whether the second bug does to the wrong value what was done to the right one: the same factor, or the same term. */
function asFarAgain(a: Outcome, b: Outcome): boolean {
  if (a === null || b === null || a === 'error' || b === 'error' || !samePlace(a, b)) return false;
  const [right, wrong, twice] = [numbers(a.expected), numbers(a.received), numbers(b.received)];
  if (wrong.length !== right.length || twice.length !== right.length) return false;
  const term = right.map((r, i) => wrong[i] - r);
  const factor = right.map((r, i) => wrong[i] / r - 1);
  return (
    close(
      term,
      twice.map((t, i) => t - wrong[i]),
      0.02,
    ) ||
    close(
      factor,
      twice.map((t, i) => t / wrong[i] - 1),
      0.02,
    )
  );
}

/** The numbers in a value: itself, or those of a text such as `float32[2, 3]`. */
function numbers(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return [...String(value).matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)].map(Number);
}

/** Within a part of the size, and something besides zeros. */
function close(a: readonly number[], b: readonly number[], part: number): boolean {
  return (
    a.length > 0 &&
    a.length === b.length &&
    a.every((v, i) => Object.is(v, b[i]) || Math.abs(v - b[i]) <= part * Math.abs(v))
  );
}

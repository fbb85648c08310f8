import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { BACKENDS } from './engine.js';
import { KNOWN_FAILURES, LEFT_OUT } from './known-failures.js';
import { type Outcome, runCase } from './run-case.js';
import { type Case, familiesIn, readFamily } from './vectors.js';

const folder = fileURLToPath(new URL('../vectors', import.meta.url));
const families = familiesIn(folder).map((name) => readFamily(folder, name));

describe.each(Object.keys(BACKENDS))('%s', (backend) => {
  const engine = BACKENDS[backend]!();
  const known = KNOWN_FAILURES[backend]!;
  afterAll(() => engine.stop());
  const outcomes = new Map<Case, Outcome>();
  const outcomeOf = (one: Case): Outcome => {
    const outcome = outcomes.get(one) ?? runCase(one, engine);
    outcomes.set(one, outcome);
    return outcome;
  };

  test.each(families)('$name: every supported case passes, but for the known failures', ({ cases }) => {
    const all = cases.map(outcomeOf);
    const failures = all.filter(({ status, name }) => status === 'failed' && !(name in known));
    expect(failures.map(({ name, error }) => `${name}: ${error}`)).toEqual([]);
    const mended = all.filter(({ status, name }) => status !== 'failed' && name in known);
    expect(mended.map(({ name, status }) => `${name} is ${status}: take it out of known-failures.ts`)).toEqual([]);
  });

  test('no core case is skipped, and of the others only what is left out for a reason', () => {
    const skipped = families.flatMap(({ cases }) =>
      cases.flatMap((one) => {
        const { status, tier, op } = outcomeOf(one);
        return status === 'skipped' ? [`${tier} ${op}`] : [];
      }),
    );
    expect([...new Set(skipped)]).toEqual(Object.keys(LEFT_OUT).map((op) => `extra ${op}`));
  });

  test('known failures are cases, and each has its cause', () => {
    const names = new Set(families.flatMap(({ cases }) => cases.map(({ name }) => name)));
    for (const [name, cause] of Object.entries(known)) {
      expect(names).toContain(name);
      expect(cause.length).toBeGreaterThan(20);
    }
  });
});

test('the vectors are the whole set: 2,084 cases over 239 ops, 264 of them to be refused', () => {
  const cases = families.flatMap((family) => family.cases);
  expect(cases).toHaveLength(2084);
  expect(new Set(cases.map(({ op }) => op)).size).toBe(239);
  expect(cases.filter(({ mustRaise }) => mustRaise)).toHaveLength(264);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Choices } from './choices.js';

const list = Array.from({ length: 10 }, (_, i) => 10 + i);
const choices = new Choices(list, 4);

/** The smallest values for which a condition does not hold, from many starts, and the steps that led there. */
function smallest(holds: (values: number[]) => boolean): { found: string[]; steps: number[] } {
  const runs = Array.from({ length: 30 }, (_, seed) =>
    fc.check(fc.property(choices, holds), { seed, numRuns: 1000, includeErrorInReport: false } as object),
  );
  return {
    found: [...new Set(runs.map(({ counterexample }) => JSON.stringify(counterexample?.[0])))],
    steps: runs.map(({ numShrinks }) => numShrinks),
  };
}

test('they are what an array of constants draws', () => {
  const array = fc.array(
    fc.nat(9).map((k) => list[k]),
    { minLength: 4, maxLength: 4 },
  );
  for (const seed of [1, 2, 3])
    expect(fc.sample(choices, { seed, numRuns: 50 })).toEqual(fc.sample(array, { seed, numRuns: 50 }));
});

test('what fails always is the simplest, at once', () => {
  const { found, steps } = smallest(() => false);
  expect(found).toEqual(['[10,10,10,10]']);
  expect(Math.max(...steps)).toBe(1);
});

test('each value becomes as simple as it can be, whatever the others are', () => {
  expect(smallest((values) => values[2] < 15).found).toEqual(['[10,10,15,10]']);
  expect(smallest((values) => values[0] < 13 || values[3] < 19).found).toEqual(['[13,10,10,19]']);
});

test('without knowing where on the list it stands, no value becomes simpler', () => {
  expect(choices.canShrinkWithoutContext([11, 11, 11, 11])).toBe(false);
});

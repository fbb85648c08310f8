import { readProfile } from '@lemmata/laws';
import * as optim from '@lemmata/optim';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nothing } from '../test/illegal.js';

type Make = (options: object) => unknown;

function thrown(make: () => unknown): Error | null {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  return null;
}

/** The names of the options of what is made from options alone: optimisers and schedules. */
function optionsOf(make: Make): string[] {
  const list = /\(it takes (.*?)\)/.exec(thrown(() => make({ noSuchOption: 1 }))?.message ?? '')?.[1];
  return list?.split(', ') ?? [];
}

/** Values of options without which some cannot be made. */
const REQUIRED = {
  learningRate: 0.1,
  initial: 0.1,
  peak: 0.1,
  base: 0.01,
  steps: 10,
  every: 2,
  factor: 0.5,
  milestones: [1],
};

const makers = Object.entries(optim as Record<string, unknown>)
  .filter((entry): entry is [string, Make] => typeof entry[1] === 'function')
  .map(([name, make]) => ({ name, make, options: optionsOf(make) }))
  .filter(({ options }) => options.length > 0);

test('optimisers and schedules are found', () => {
  expect(makers.length).toBeGreaterThan(18);
});

describe.each(makers)('$name', ({ make, options }) => {
  const least = Object.fromEntries(Object.entries(REQUIRED).filter(([name]) => options.includes(name)));

  test('can be made from what it requires', () => {
    expect(thrown(() => make(least))).toBeNull();
  });

  test.each(options)('%s refuses what it cannot be', (option) => {
    fc.assert(
      fc.property(nothing, (value) => {
        const error = thrown(() => make({ ...least, [option]: value }));
        expect({ value, class: error?.name, said: error?.message }).toMatchObject({
          class: 'OptionError',
          said: expect.stringContaining(option),
        });
      }),
      { seed: readProfile().seed, numRuns: readProfile().searchRuns },
    );
  });
});

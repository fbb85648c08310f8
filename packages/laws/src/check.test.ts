import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check, judge, LawError, runLaw, Violation, type Law, type Laws, type Mutant } from './index.js';

const twice: Mutant<number> = { name: 'twice as much', plant: (subject) => 2 * subject };
const same: Mutant<number> = { name: 'the same', plant: (subject) => subject };
const never: Mutant<number> = { name: 'nothing', plant: () => null };

/** The subject is 1, in each of two cases. */
const law = (more: Partial<Law<number, string>> = {}): Law<number, string> => ({
  name: 'is one',
  statement: 'It is 1.',
  formula: 'x = 1',
  subject: 1,
  cases: [fc.constant('a'), fc.constant('b')],
  once: true,
  mutants: [twice],
  holds(subject, example) {
    if (subject !== 1) throw new Violation({ what: `x,\nin case ${example}`, received: subject, expected: 1 });
  },
  ...more,
});

/** What is said of a law, or null where nothing is wrong. */
function said(each: Law): string | null {
  try {
    judge('x', runLaw(each, { seed: 7 }));
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(LawError);
    expect((error as Error).name).toBe('LawError');
    return (error as Error).message;
  }
}

test('all that a failing law says', () => {
  expect(said(law())).toBeNull();
  expect(said(law({ subject: 3 }))).toBe(
    [
      'x: is one',
      '  law      It is 1.',
      '  formula  x = 1',
      '  found    x,',
      '           in case a: received 3, expected 1',
      '  again    repeat(laws, "x: is one", "a");',
      '  seed     7 (LEMMATA_LAW_SEED=7 repeats it), 1 case',
    ].join('\n'),
  );
  expect(said(law({ subject: 2, show: (example) => `const x = '${example}';\nx;` }))).toMatch(
    /\n {2}like {5}the planted bug 'twice as much'\n {2}case {5}const x = 'a';\n {11}x;\n {2}again /,
  );
});

test('of an error that is no violation it says where it was thrown', () => {
  const crash = (stack: string | undefined): string | null =>
    said(
      law({
        holds() {
          throw Object.assign(new TypeError('no such thing'), { stack });
        },
      }),
    );
  expect(crash('TypeError: no such thing\n    at crash')).toContain(
    'found    TypeError: no such thing\n               at crash\n',
  );
  expect(crash(undefined)).toContain('found    TypeError: no such thing\n');
});

test('a case that is too long to be printed is found again by its seed', () => {
  const short = 'repeat(laws, "x: is one", "");'.length;
  const again = (letters: number): string =>
    /again {4}(.*)/.exec(said(law({ subject: 3, cases: fc.constant('a'.repeat(letters - short)) }))!)![1];
  expect(again(4000)).toHaveLength(4000);
  expect(again(4001)).toBe('(the case has 4001 letters: by its seed, with as many cases)');
});

test('all that is said of bugs that live, and of laws that kill none', () => {
  const footer = (cases: string): string => `\n  seed     7 (LEMMATA_LAW_SEED=7 repeats it), ${cases}`;
  const other = { ...same, name: 'the other' };
  expect(said(law({ mutants: [twice, same, other] }))).toBe(
    `x: 'is one' holds, but does not notice a planted bug\n  'the same' survived 2 cases\n  'the other' survived 2 cases${footer('2 cases')}`,
  );
  expect(said(law({ mutants: [same], cases: fc.constant('a') }))).toBe(
    `x: 'is one' holds, but does not notice a planted bug\n  'the same' survived 1 case${footer('1 case')}`,
  );
  expect(said(law({ mutants: [never, { ...never, name: 'nor this' }] }))).toBe(
    `x: 'is one' kills no planted bug (nothing, nor this): it may say nothing about these samples${footer('2 cases')}`,
  );
  expect(said(law({ mutants: [] }))).toMatch(/^x: 'is one' kills no planted bug \(it names none\): /);
  expect(said(law({ mutants: [never, twice] }))).toBeNull();
});

test('where bugs are not planted, a law that names some is content', () => {
  expect(() => judge('x', runLaw(law({ mutants: [never] }), { mutants: false }))).not.toThrow();
  expect(() => judge('x', runLaw(law({ mutants: [] }), { mutants: false }))).toThrow('it names none');
});

test('bugs are planted in what should hold, and not in what is known to fail', () => {
  let planted = 0;
  const counted: Mutant<number> = { name: 'twice', plant: (subject) => (planted++, 2 * subject) };
  const run = (laws: Laws): number => {
    planted = 0;
    check(laws, (_, body) => body());
    return planted;
  };
  expect(run({ subject: 'x', laws: [law({ mutants: [counted] })] })).toBe(1);
  const wrong = law({ subject: 3, mutants: [counted] });
  const suspected = run({ subject: 'x', laws: [wrong], known: [{ law: 'is one', reason: 'it is 3' }] });
  // A failure is compared with the planted bugs, once each; as a law, none is tried.
  runLaw(wrong, { mutants: false });
  expect(planted).toBe(2 * suspected);
});

test('laws of one subject have names of their own, and those that are known to fail are among them', () => {
  const none = (): void => {};
  expect(() => check({ subject: 'x', laws: [law(), law()] }, none)).toThrow(
    new Error("x: two laws are named 'is one'"),
  );
  const twoLaws = [law(), law({ name: 'is 1' })];
  expect(() => check({ subject: 'x', laws: twoLaws, known: [{ law: 'is two', reason: '' }] }, none)).toThrow(
    new Error("x: 'is two' is declared a known failure, but is none of its laws (is one; is 1)"),
  );
});

import { expectSame, uniform, type Law, type Laws } from '@lemmata/laws';

type Square = (x: number) => number;

const law = (name: string, extra: Partial<Law<Square, number[]>>): Law<Square, number[]> => ({
  name,
  statement: 'The square of a number is the number times itself.',
  formula: 'f(x) = x · x',
  subject: (x) => x * x,
  cases: uniform(1, 2)(2),
  mutants: [{ name: 'one more', plant: (f) => (x) => f(x) + 1 }],
  holds(f, values) {
    expectSame(
      { what: 'f(x)', shape: [2] },
      values.map(f),
      values.map((x) => x * x),
    );
  },
  ...extra,
});

const wrong: Square = (x) => x * x + x;

/** Laws that end in every way in which a law can end; for tests. */
export const laws: readonly Laws[] = [
  {
    subject: 'square',
    laws: [
      law('holds', {}),
      law('fails', { subject: wrong }),
      law('overlooks a bug', { mutants: [{ name: 'nothing changed', plant: (f) => (x) => f(x) }] }),
      law('has no case', { cases: [] }),
      law('no bug can be planted', { mutants: [{ name: 'none', plant: () => null }] }),
      law('fails as declared', { subject: wrong }),
      law('is declared to fail, and holds', {}),
    ],
    known: [
      { law: 'fails as declared', reason: 'nobody is perfect' },
      { law: 'is declared to fail, and holds', reason: 'once' },
    ],
  },
  {
    kind: 'op',
    subject: 'double',
    laws: [law('holds', {})],
    leftOut: [{ law: 'is odd', reason: 'it is even' }],
  },
];

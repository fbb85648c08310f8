import * as fc from 'fast-check';
import * as nn from '@lemmata/nn';
import * as t from '@lemmata/tensor';
import type { Law, Laws, Mutant } from '../law.js';
import { expectClose, expectSame, Violation } from '../violation.js';

/** A weight to draw. */
interface Drawn {
  readonly shape: readonly number[];
  readonly options: nn.FanOptions;
  readonly seed: number;
}

/** Weights of linear layers and convolutions, of two thousand elements and more. */
const weightsOf = (groups: readonly number[], transposed: fc.Arbitrary<boolean>): fc.Arbitrary<Drawn> =>
  fc
    .record({
      groups: fc.constantFrom(...groups),
      each: fc.integer({ min: 4, max: 12 }),
      second: fc.integer({ min: 20, max: 60 }),
      kernel: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
      transposed,
      seed: fc.nat(1e6),
    })
    .map(({ groups, each, second, kernel, transposed, seed }) => {
      const window = kernel.reduce((a, b) => a * b, 1);
      const first = groups * each * Math.ceil(2000 / (groups * each * second * window));
      return { shape: [first, second, ...kernel], options: { groups, transposed }, seed };
    });

/** Grouped and transposed ones too: groups matter to the inputs of an output of the one, and to the outputs of an input of the other. */
const weights: fc.Arbitrary<Drawn>[] = [
  weightsOf([1], fc.boolean()),
  weightsOf([2, 4], fc.constant(false)),
  weightsOf([2, 4], fc.constant(true)),
];

const draw = (init: nn.Initialiser, { shape, options, seed }: Drawn): Float32Array =>
  init(t.key(seed), shape, options).dataSync() as Float32Array;

/** Inputs of an output, and outputs of an input: a weight is [out, in / groups, …], a transposed one [in, out / groups, …]. */
function reach({ shape, options: { groups = 1, transposed = false } }: Drawn): { in: number; out: number } {
  const window = shape.slice(2).reduce((a, b) => a * b, 1);
  const [own, other] = [(shape[0] / groups) * window, shape[1] * window];
  return transposed ? { in: own, out: other } : { in: other, out: own };
}

const exchanged: Mutant<nn.Initialiser> = {
  name: 'inputs and outputs are exchanged',
  plant: (init) => (key, shape, options) => init(key, shape, { ...options, transposed: options?.transposed !== true }),
};
const scaled = (name: string, factor: number): Mutant<nn.Initialiser> => ({
  name,
  plant: (init) => (key, shape, options) => t.mul(init(key, shape, options), factor),
});

/** Mean 0 and this deviation, both within six standard errors. */
function spreadLaw(
  init: nn.Initialiser,
  formula: string,
  deviation: (drawn: Drawn) => number,
  mutants: readonly Mutant<nn.Initialiser>[],
): Law<nn.Initialiser, Drawn> {
  return {
    name: 'the spread keeps the variance',
    statement:
      'The draws of a weight have mean 0 and the standard deviation that the fans give, within six standard errors of so many draws.',
    formula,
    subject: init,
    cases: weights,
    mutants: [
      scaled('a third too large', 4 / 3),
      { name: 'a mean of half a deviation', plant: (f) => (key, shape, options) => shifted(f(key, shape, options)) },
      ...mutants,
    ],
    holds(f, drawn) {
      const values = draw(f, drawn);
      const expected = deviation(drawn);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      const root = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      const about = { shape: [], source: 'by the fans' };
      const error = 6 / Math.sqrt(values.length);
      expectClose({ ...about, what: 'mean' }, [mean], [0], { relative: 0, absolute: error * expected });
      // Of a normal law: that of a uniform one has a smaller error.
      expectClose({ ...about, what: 'deviation' }, [root], [expected], { relative: error / Math.SQRT2, absolute: 0 });
    },
  };
}

function shifted(x: t.Tensor): t.Tensor {
  const values = x.dataSync() as Float32Array;
  const root = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  return t.add(x, root / 2);
}

const keyLaw = (init: nn.Initialiser): Law<nn.Initialiser, Drawn> => ({
  name: 'the key says it all',
  statement: 'The same key gives the same bits, another key others.',
  formula: 'init(k) = init(k), init(k) ≠ init(k′)',
  subject: init,
  cases: weights,
  mutants: [
    { name: 'the key is ignored', plant: (f) => (_key, shape, options) => f(t.key(0), shape, options) },
    {
      name: 'every call draws anew',
      plant: (f) => {
        let calls = 0;
        return (key, shape, options) => f(t.foldIn(key, calls++), shape, options);
      },
    },
  ],
  holds(f, drawn) {
    const values = draw(f, drawn);
    expectSame({ what: 'again', shape: drawn.shape, source: 'first' }, draw(f, drawn), values);
    const other = draw(f, { ...drawn, seed: drawn.seed + 1 });
    if (!values.some((v, i) => v !== other[i]))
      throw new Violation({ what: 'draws of another key', received: 'the same', expected: 'others' });
  },
});

/** Uniform laws end at √3 deviations. */
const boundLaw = (init: nn.Initialiser, deviation: (drawn: Drawn) => number): Law<nn.Initialiser, Drawn> => ({
  name: 'nothing lies beyond √3 deviations',
  statement: 'A uniform law reaches to √3 of its standard deviations, and draws come near that end.',
  formula: '0.98 √3 σ ≤ max |w| ≤ √3 σ',
  subject: init,
  cases: weights,
  mutants: [
    {
      name: 'a normal law',
      plant: () => (key, shape, options) =>
        t.mul(t.randomNormal(key, shape), deviation({ shape, options: options ?? {}, seed: 0 })),
    },
    scaled('the deviation is taken for the bound', 1 / Math.sqrt(3)),
  ],
  holds(f, drawn) {
    const end = Math.sqrt(3) * deviation(drawn);
    const received = draw(f, drawn).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    if (received > Math.fround(end * (1 + 2 ** -22)) || received < 0.98 * end)
      throw new Violation({ what: 'largest draw', received, expected: end, source: '√3 σ' });
  },
});

const fanned = (
  subject: string,
  init: nn.Initialiser,
  formula: string,
  deviation: (drawn: Drawn) => number,
  kind: 'normal' | 'uniform',
  mutants: readonly Mutant<nn.Initialiser>[],
): Laws => ({
  subject,
  laws: [
    spreadLaw(init, formula, deviation, mutants),
    keyLaw(init),
    ...(kind === 'uniform' ? [boundLaw(init, deviation)] : []),
  ],
});

const kaiming = (drawn: Drawn): number => Math.sqrt(2 / reach(drawn).in);
const backward = (drawn: Drawn): number => 5 / 3 / Math.sqrt(reach(drawn).out);
const xavier = (drawn: Drawn): number => Math.sqrt(2 / (reach(drawn).in + reach(drawn).out));
const lecun = (drawn: Drawn): number => 1 / Math.sqrt(reach(drawn).in);
const ungrouped: Mutant<nn.Initialiser> = {
  name: 'groups are overlooked',
  conditional: true,
  plant: (f, bites) => (key, shape, options) => {
    if (options?.groups !== 1) bites();
    return f(key, shape, { ...options, groups: 1 });
  },
};

/** A row or column for each of the fewer. */
const orthogonalLaw: Law<typeof nn.orthogonal, Drawn & { readonly gain: number }> = {
  name: 'rows or columns are orthonormal',
  statement:
    'As a matrix of its first axis by all others, a weight has rows, or columns if there are fewer of them, that are orthogonal and of length gain.',
  formula: 'W Wᵀ = gain² I, or Wᵀ W',
  subject: nn.orthogonal,
  cases: fc.record({
    shape: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })),
    options: fc.constant({}),
    seed: fc.nat(1e6),
    gain: fc.constantFrom(1, 2, 0.5),
  }),
  mutants: [
    {
      name: 'the gain is forgotten',
      conditional: true,
      plant:
        (f, bites) =>
        (options = {}) => (options.gain !== 1 && bites(), f()),
    },
    { name: 'independent draws', plant: () => () => nn.lecunNormal },
  ],
  holds(f, { gain, ...drawn }) {
    const rows = drawn.shape[0];
    const values = draw(f({ gain }), drawn);
    const columns = values.length / rows;
    const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
    const at = (i: number, k: number): number => values[rows <= columns ? i * columns + k : k * columns + i];
    const product = Array.from({ length: few * few }, (_, p) => {
      const [i, j] = [Math.floor(p / few), p % few];
      return Array.from({ length: many }, (_v, k) => at(i, k) * at(j, k)).reduce((a, b) => a + b, 0);
    });
    const expected = product.map((_, p) => (p % (few + 1) === 0 ? gain * gain : 0));
    expectClose({ what: 'products', shape: [few, few], source: 'gain² I' }, product, expected, {
      relative: 0,
      absolute: 1e-6 * gain * gain * many,
    });
  },
};

const truncatedLaw: Law<
  typeof nn.truncatedNormal,
  { mean: number; std: number; low: number; high: number; seed: number }
> = {
  name: 'bounds are values',
  statement: 'Draws lie between low and high, which are values and no multiples of the deviation, and come near both.',
  formula: 'low ≤ w ≤ high',
  subject: nn.truncatedNormal,
  cases: fc.record({
    mean: fc.constantFrom(0, 0.5, -1),
    // Both bounds lie within three deviations of the mean, so that thousands of draws come near them.
    std: fc.constantFrom(1, 2, 3),
    low: fc.constantFrom(-2, -1.5, -1.25),
    high: fc.constantFrom(0, 1, 2),
    seed: fc.nat(1e6),
  }),
  mutants: [
    {
      name: 'bounds count deviations',
      conditional: true,
      plant:
        (f, bites) =>
        (options = {}) => {
          const { mean = 0, std = 1, low = -2, high = 2 } = options;
          if (std !== 1 || mean !== 0) bites();
          return f({ ...options, low: mean + low * std, high: mean + high * std });
        },
    },
    {
      name: 'nothing is cut',
      plant:
        () =>
        ({ mean = 0, std = 1 } = {}) =>
          nn.normal({ mean, std }),
    },
  ],
  holds(f, { seed, ...options }) {
    const values = draw(f(options), { shape: [4000], options: {}, seed });
    const { low, high } = options;
    const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const near = (high - low) / 5;
    const ends = [
      ['least', least, low, least - low],
      ['largest', most, high, high - most],
    ] as const;
    for (const [what, received, expected, inside] of ends)
      if (inside < 0 || inside > near) throw new Violation({ what, received, expected, source: 'the bound' });
  },
};

/** Laws of what weights start with. */
export const initialiserLaws: readonly Laws[] = [
  fanned('kaimingNormal', nn.kaimingNormal(), 'σ = √(2 / fanIn)', kaiming, 'normal', [exchanged, ungrouped]),
  fanned('kaimingUniform', nn.kaimingUniform(), 'σ = √(2 / fanIn)', kaiming, 'uniform', [exchanged]),
  fanned(
    'kaimingNormal backward, for tanh',
    nn.kaimingNormal({ mode: 'fanOut', nonlinearity: 'tanh' }),
    'σ = 5/3 / √fanOut',
    backward,
    'normal',
    [exchanged, ungrouped],
  ),
  fanned('xavierNormal', nn.xavierNormal(), 'σ = √(2 / (fanIn + fanOut))', xavier, 'normal', [ungrouped]),
  fanned('xavierUniform', nn.xavierUniform(), 'σ = √(2 / (fanIn + fanOut))', xavier, 'uniform', [ungrouped]),
  fanned('lecunNormal', nn.lecunNormal, 'σ = 1 / √fanIn', lecun, 'normal', [exchanged]),
  fanned('lecunUniform', nn.lecunUniform, 'σ = 1 / √fanIn', lecun, 'uniform', [exchanged]),
  { subject: 'orthogonal', laws: [orthogonalLaw, keyLaw(nn.orthogonal())] },
  { subject: 'truncatedNormal', laws: [truncatedLaw, keyLaw(nn.truncatedNormal())] },
];

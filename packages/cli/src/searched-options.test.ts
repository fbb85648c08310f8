import { readProfile } from '@lemmata/laws';
import type * as shape from '@lemmata/shape';
import type { OpDef, Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import type { PublicFunction } from '../test/factories.js';
import { illegal, kindOf } from '../test/illegal.js';

/** What functions were given under the names of their options, as text. */
const drawn = new Map<string, Map<string, Set<string>>>();
/** The functions that were asked for an option that there is not, the last one last. */
const asked: { readonly key: string; readonly names: readonly string[] }[] = [];

function note(op: string, options: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const key = `${op}(${names.join(', ')})`;
  if (Object.hasOwn(options, 'noSuchOption')) {
    asked.push({ key, names });
    return;
  }
  const known = drawn.get(key) ?? new Map(names.map((name) => [name, new Set<string>()]));
  drawn.set(key, known);
  for (const name of names) known.get(name)!.add(text(options[name]));
}

function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'payload' in value
    ? 'a tensor'
    : JSON.stringify(value, (_, v: unknown) => (v === Infinity || typeof v === 'bigint' ? String(v) : v));
}

/** What happens to options that have been checked for unknown names, but not for values. */
let checked = (_key: string, _options: object | undefined, _names: readonly string[]): void => {};

// Every function with options has them checked by one function, which tells here what it sees.
vi.resetModules();
vi.doMock('@lemmata/shape', async (original) => {
  const actual = await original<typeof shape>();
  const unknownOptions: typeof actual.unknownOptions = (op, options, names) => {
    note(op, (options ?? {}) as Readonly<Record<string, unknown>>, names);
    actual.unknownOptions(op, options, names);
    checked(`${op}(${names.join(', ')})`, options, names);
  };
  return { ...actual, unknownOptions };
});
afterAll(() => {
  vi.doUnmock('@lemmata/shape');
  vi.resetModules();
});
const { lawsOfLayers, publicFunctions, WITHOUT_OPTIONS } = await import('../test/factories.js');
const { Abstract, ones, tensor } = await import('@lemmata/tensor');
const laws = await lawsOfLayers();
const { factories, functions } = await publicFunctions();

/** Calls everything that searches draw. */
function search(): void {
  // Samples of other laws were made when these were imported.
  drawn.clear();
  for (const { laws: list } of laws) {
    const law = list.find((each) => each.search !== undefined);
    if (law === undefined) continue;
    for (const { attrs, inputs } of fc.sample(law.cases as fc.Arbitrary<any>, { numRuns: 160, seed: 1 })) {
      const float = (dtype: string): any => (dtype === 'float' ? 'float64' : dtype);
      law.subject(
        attrs,
        ...inputs.map(({ shape: sizes, dtype, values }: any) => tensor(values, { shape: sizes, dtype: float(dtype) })),
      );
    }
  }
}

/** They say how parameters start; a search gives its own. Laws of each layer and of initialisers hold them. */
const STARTS = ['init', 'biasInit', 'forgetBias'];
/** Parts of what a search calls, with the same options. */
const THROUGH_ANOTHER = /^(.*WithStatistics|initMultiHeadAttention|initBilinear)$/;

/** Asks a function for an option that there is not, behind as many tensors as there are; gives the names that there are. */
function ask(call: PublicFunction, isFactory: boolean): (typeof asked)[number] | undefined {
  asked.length = 0;
  for (let tensors = 0; asked.length === 0 && tensors < (isFactory ? 1 : 6); tensors++) {
    const before = Array.from({ length: tensors }, () => ones([1, 2, 4]));
    try {
      call(...before, { noSuchOption: 1 });
    } catch {
      // It was asked, or is given too little.
    }
  }
  return asked.at(-1);
}

test('every option of every layer and function takes several values in a search', () => {
  search();
  const options = functions.filter(([name]) => !WITHOUT_OPTIONS.test(name) && !THROUGH_ANOTHER.test(name));
  const missing = [...factories, ...options].flatMap(([name, call]) => {
    const known = ask(call, name.endsWith('Layer'));
    if (known === undefined) return [`${name} was not asked`];
    return known.names
      .filter((option) => !STARTS.includes(option))
      .map((option) => ({ option, values: [...(drawn.get(known.key)?.get(option) ?? [])] }))
      .filter(({ values }) => values.length < 2)
      .map(({ option, values }) => `${name}: ${option} is always ${values.join() || 'left out'}`);
  });
  expect(missing).toEqual([]);
});

/** Follows shapes, and counts what would be computed: ops that are more than another view. */
class Counting extends Abstract {
  work = 0;

  override bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    if (op.alias === undefined) this.work++;
    return super.bind(op, attrs, inputs);
  }
}

interface Call {
  readonly key: string;
  readonly names: readonly string[];
  readonly options: Record<string, unknown>;
}

/** Keys of what users call: functions inside of others are told what these have checked. */
const publicKeys = new Map(
  [...factories, ...functions].flatMap(([name, call]) => {
    const known = ask(call, name.endsWith('Layer'));
    return known === undefined ? [] : [[known.key, name] as const];
  }),
);

/** Options that these take out before they look at the names; those of the factories are drawn in another test. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  gruLayer: ['resetAfter'],
  rnnLayer: ['nonlinearity'],
  lstmLayer: ['projSize', 'forgetBias'],
};

const searched = laws.flatMap(({ subject, laws: list }) => {
  const law = list.find((each) => each.search !== undefined);
  return law === undefined ? [] : [[subject, law] as const];
});

for (const [subject, law] of searched)
  test(`${subject}: any illegal option is refused before anything is computed`, () => {
    /** A call with these inputs, as far as it comes, and what would have been computed for it. */
    const run = ({ attrs, inputs }: any, counter: Counting): unknown => {
      const specs = inputs.map(({ shape: sizes, dtype }: any) => ({
        shape: sizes,
        dtype: dtype === 'float' ? 'float64' : dtype,
      }));
      return law.subject(structuredClone(attrs), ...specs.map((spec: any) => counter.tensor(spec)));
    };
    const property = fc.property(law.cases as fc.Arbitrary<any>, fc.gen(), (example, draw) => {
      const calls: Call[] = [];
      checked = (key, options, names) => {
        if (publicKeys.has(key) && options !== undefined && Object.isExtensible(options))
          calls.push({ key, names, options: options as Call['options'] });
      };
      try {
        run(example, new Counting());
      } catch (error) {
        // Lengths and indices are read, and shapes alone have no values.
        if (!/abstract tensor/.test(String(error))) throw error;
      }
      const choices = calls.flatMap(({ key, names }, at) =>
        names.flatMap((option) => {
          const kind = kindOf(publicKeys.get(key)!, option);
          return kind === undefined || TAKEN[publicKeys.get(key)!]?.includes(option) ? [] : [{ at, key, option, kind }];
        }),
      );
      if (choices.length === 0) return;
      const { at, key, option, kind } = draw(() => fc.constantFrom(...choices));
      const axes = Number(/\dd\b/.exec(key)?.[0][0] ?? 1);
      const value = draw(() => illegal(kind, axes));
      const counter = new Counting();
      let seen = 0;
      let before = 0;
      checked = (each, options) => {
        if (!publicKeys.has(each) || options === undefined || !Object.isExtensible(options) || seen++ !== at) return;
        before = counter.work;
        (options as Record<string, unknown>)[option] = value;
      };
      let error: unknown = 'accepted';
      try {
        run(example, counter);
      } catch (thrown) {
        error = thrown;
      }
      checked = () => {};
      const { name, message } = error instanceof Error ? error : { name: String(error), message: '' };
      const about = `${key.slice(0, key.indexOf('('))}: ${option} ${message}`;
      expect({
        about,
        own: /^(OptionError|ShapeError)$/.test(name),
        named: message.includes(option),
        work: counter.work,
      }).toEqual({
        about,
        own: true,
        named: true,
        work: before,
      });
    });
    // Two calls a case, for some of which a whole layer is made.
    fc.assert(property, { seed: readProfile().seed, numRuns: readProfile().searchRuns / 4, endOnFailure: true });
  });

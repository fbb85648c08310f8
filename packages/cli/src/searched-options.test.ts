import type * as shape from '@lemmata/shape';
import * as fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import type { PublicFunction } from '../test/factories.js';

/** What functions were given under the names of their options, as text. */
const drawn = new Map<string, Map<string, Set<string>>>();
/** The functions that were asked for an option that there is not, the last one last. */
const asked: { readonly key: string; readonly names: readonly string[] }[] = [];

function note(op: string, options: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const key = `${op}(${names.join(', ')})`;
  if ('noSuchOption' in options) {
    asked.push({ key, names });
    return;
  }
  const known = drawn.get(key) ?? new Map(names.map((name) => [name, new Set<string>()]));
  drawn.set(key, known);
  for (const name of names) known.get(name)!.add(text(options[name]));
}

function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'payload' in value ? 'a tensor' : JSON.stringify(value, (_, v: unknown) => (v === Infinity ? 'Infinity' : v));
}

// Every function with options has them checked by one function, which tells here what it sees.
vi.resetModules();
vi.doMock('@lemmata/shape', async (original) => {
  const actual = await original<typeof shape>();
  const unknownOptions: typeof actual.unknownOptions = (op, options, names) => {
    note(op, (options ?? {}) as Readonly<Record<string, unknown>>, names);
    actual.unknownOptions(op, options, names);
  };
  return { ...actual, unknownOptions };
});
afterAll(() => {
  vi.doUnmock('@lemmata/shape');
  vi.resetModules();
});
const { lawsOfLayers, publicFunctions, WITHOUT_OPTIONS } = await import('../test/factories.js');
const { ones, tensor } = await import('@lemmata/tensor');
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

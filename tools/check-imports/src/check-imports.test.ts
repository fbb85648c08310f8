import { expect, test } from 'vitest';
import { arrows, belowLaws } from './arrows.js';
import { findCycles } from './cycles.js';
import { sourceOf } from './entries.js';
import { checkRepository } from './index.js';
import type { Manifest, Package } from './model.js';
import { parse, roleOf } from './parse.js';
import { check, packageOf } from './rules.js';

type Fields = Omit<Manifest, 'name'>;

const wildcard = {
  '.': { '@lemmata/source': './src/index.ts', default: './dist/index.js' },
  './*': { '@lemmata/source': './src/*.ts', default: './dist/*.js' },
};

/** A package made of texts: `files` maps paths within src/ to sources. */
function pack(name: string, files: Record<string, string>, fields: Fields = {}, folder = `packages/${name}`): Package {
  const manifest = { name: `@lemmata/${name}`, exports: wildcard, ...fields };
  const sources = { 'index.ts': 'export {};', ...files };
  const modules = Object.entries(sources).map(([path, text]) => parse(`${folder}/src/${path}`, text, roleOf(path)));
  return { folder, manifest, text: JSON.stringify(manifest, null, 2), modules };
}

const workspace = 'workspace:*';
const needs = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name.includes('/') ? name : `@lemmata/${name}`, workspace]));
const optional = (...names: string[]): Fields => ({
  devDependencies: needs(...names),
  peerDependencies: needs(...names),
  peerDependenciesMeta: Object.fromEntries(Object.keys(needs(...names)).map((name) => [name, { optional: true }])),
});

const below = ['shape', 'random', 'tree', 'tensor', 'nn', 'laws', 'autograd', 'backend-wasm'].map((name) =>
  pack(name, {}),
);

/** The problems of one package beside empty ones, as printed. */
const judge = (each: Package): string[] =>
  check([each, ...below.filter(({ folder }) => folder !== each.folder)])
    .filter(({ path }) => path.startsWith(each.folder))
    .map(({ path, line, message }) => `${path}:${line}: ${message}`);

test('allowed and declared imports pass', () => {
  const text =
    "import { a } from '@lemmata/shape';\nimport type { Key } from '@lemmata/random';\nexport * from './b.js';";
  expect(judge(pack('tensor', { 'a.ts': text, 'b.ts': '' }, { dependencies: needs('shape', 'random') }))).toEqual([]);
});

test('an arrow outside the table fails with file, line, import and what to do', () => {
  const conv = pack(
    'layers-conv',
    { 'a.ts': "\nimport { grad } from '@lemmata/autograd';" },
    { dependencies: needs('autograd') },
  );
  expect(judge(conv)).toEqual([
    'packages/layers-conv/src/a.ts:2: imports "@lemmata/autograd": layers-conv may import nn, tensor, shape, random, tree, ' +
      'not autograd: move the code, or argue for the arrow in tools/check-imports/src/arrows.ts',
  ]);
});

test.each([
  ["export { a } from '@lemmata/nn';", 'export from'],
  ["export type { A } from '@lemmata/nn';", 'export type from'],
  ["export type A = import('@lemmata/nn').A;", 'import type'],
  ["await import('@lemmata/nn');", 'dynamic import'],
  ["import '@lemmata/nn';", 'bare import'],
  ["import.meta.resolve('@lemmata/nn');", 'resolve'],
])('%s is seen', (text) => {
  expect(judge(pack('tensor', { 'a.ts': text }, { dependencies: needs('nn') }))).toHaveLength(1);
});

test('imports in comments and strings are not imports', () => {
  const text = '// import { a } from "@lemmata/nn"\nexport const a = `import { b } from "@lemmata/nn"`;';
  expect(judge(pack('tensor', { 'a.ts': text }))).toEqual([]);
});

test('a package of which only types are allowed', () => {
  const formats = (text: string): string[] =>
    judge(pack('formats', { 'a.ts': text }, { dependencies: needs('tensor') }));
  expect(formats("import type { Tensor } from '@lemmata/tensor';")).toEqual([]);
  expect(formats("import { type Tensor } from '@lemmata/tensor';")).toEqual([]);
  expect(formats("import { add, type Tensor } from '@lemmata/tensor';")).toEqual([
    'packages/formats/src/a.ts:1: imports "@lemmata/tensor": formats may import types of tensor only: write "import type"',
  ]);
});

test('dependencies are what the sources import, no more and no less', () => {
  expect(judge(pack('tensor', { 'a.ts': "import { a } from '@lemmata/shape';" }))).toEqual([
    'packages/tensor/src/a.ts:1: imports "@lemmata/shape": not in dependencies: add it there',
  ]);
  const onlyInTests = { 'a.test.ts': "import { a } from '@lemmata/shape';" };
  const [problem, ...others] = judge(pack('tensor', onlyInTests, { dependencies: needs('shape') }));
  expect(problem).toMatch(/^packages\/tensor\/package\.json:\d+: dependencies "@lemmata\/shape": no source imports it/);
  expect(others).toEqual([]);
  expect(judge(pack('tensor', onlyInTests, { devDependencies: needs('shape') }))).toEqual([]);
  expect(judge(pack('tensor', onlyInTests))).toEqual([
    'packages/tensor/src/a.test.ts:1: imports "@lemmata/shape": not in devDependencies: add it',
  ]);
});

test('the line of an unused dependency is its own, not that of another field', () => {
  const each = pack('tensor', {}, { devDependencies: needs('tree'), dependencies: needs('shape', 'tree') });
  const lines = each.text.split('\n');
  const found = judge(each).map((text) => lines[Number(text.split(':')[1]) - 1]!.trim());
  expect(found).toEqual([
    '"@lemmata/shape": "workspace:*",',
    '"@lemmata/tree": "workspace:*"',
    '"@lemmata/tree": "workspace:*"',
  ]);
});

test('laws are an entry of their own: development dependency and optional peer', () => {
  const files = { 'conv/laws.ts': "import { check } from '@lemmata/laws';\nimport { add } from '@lemmata/tensor';" };
  const exported = { 'conv/index.ts': "import '@lemmata/tensor';" };
  const dependencies = needs('tensor');
  expect(judge(pack('layers-conv', { ...files, ...exported }, { dependencies, ...optional('laws') }))).toEqual([]);
  expect(
    judge(pack('layers-conv', { ...files, ...exported }, { dependencies, devDependencies: needs('laws') })),
  ).toEqual([
    'packages/layers-conv/src/conv/laws.ts:1: imports "@lemmata/laws": not declared for the laws entry: ' +
      'add it to devDependencies and as an optional peer',
  ]);
  const inSource = { 'a.ts': "import { check } from '@lemmata/laws';" };
  expect(judge(pack('layers-conv', inSource, { dependencies: needs('laws') }))[0]).toContain('not laws: move the code');
});

test('what laws stands on never names laws, not even in a test', () => {
  const text = "import { check } from '@lemmata/laws';";
  for (const name of belowLaws) {
    const found = judge(pack(name, { 'a.test.ts': text }, { devDependencies: needs('laws') }));
    expect(found).toHaveLength(2);
    expect(found[0]).toContain(`laws stands on ${name}`);
    expect(found[1]).toContain('laws stands on this package: remove it');
  }
});

test('the WebAssembly entry of a layer, and nothing else of it, may import that backend', () => {
  const text = "import { gemm } from '@lemmata/backend-wasm';";
  expect(judge(pack('layers-conv', { 'conv/wasm.ts': text }, optional('backend-wasm')))).toEqual([]);
  expect(judge(pack('layers-conv', { 'conv/gemm.ts': text }, optional('backend-wasm')))[0]).toContain(
    'not backend-wasm',
  );
});

test('the core takes nothing from elsewhere; data does for its image entry alone', () => {
  const text = "import decode from 'fast-png';";
  const fields: Fields = { dependencies: { 'fast-png': '1' } };
  expect(judge(pack('tensor', { 'a.ts': text }, fields))).toEqual([
    'packages/tensor/src/a.ts:1: imports "fast-png": the core imports no package from elsewhere: do without fast-png',
  ]);
  expect(judge(pack('data', { 'idx.ts': text }, fields))[0]).toContain('only src/image of this package');
  expect(judge(pack('data', { 'image.ts': text }, fields))).toEqual([]);
  expect(judge(pack('data', { 'image/png.ts': text }, fields))).toEqual([]);
  expect(judge(pack('visualize', { 'a.ts': text }, fields))).toEqual([]);
});

test('laws takes fast-check as a peer, never as a dependency', () => {
  const files = { 'a.ts': "import fc from 'fast-check';", 'core/add/laws.ts': "import fc from 'fast-check';" };
  expect(judge(pack('laws', files, { peerDependencies: { 'fast-check': '4' } }))).toEqual([]);
  expect(judge(pack('laws', files, { dependencies: { 'fast-check': '4' } }))[0]).toContain('make it a peerDependency');
});

test('no path out of a package, no file past its exports, no entry that is not there, no import of itself', () => {
  const dependencies = needs('shape');
  const tensor = (text: string): string[] => judge(pack('tensor', { 'a.ts': text }, { dependencies }));
  expect(tensor("import '../../shape/src/index.js'; import '@lemmata/shape';")[0]).toContain('a relative path out of');
  expect(tensor("import '@lemmata/shape/src/index.js';")[0]).toContain('has no entry "./src/index.js"');
  expect(tensor("import '@lemmata/shape/conv';")[0]).toContain('(no file packages/shape/src/conv.ts)');
  expect(tensor("import '@lemmata/shapes';")[0]).toContain('there is no package @lemmata/shapes');
  expect(tensor("import '@lemmata/shape'; import '@lemmata/tensor';")[0]).toContain('its own package');
});

test.each([
  'Math.random()',
  "Math['random']()",
  'globalThis.Math.random',
  'const { random: r } = Math',
  'Date.now()',
  'new Date()',
  'performance.now()',
  'crypto.getRandomValues(x)',
])('%s is refused in a library, and allowed in the command and in tests', (text) => {
  expect(judge(pack('tensor', { 'a.ts': `\n${text};` }))[0]).toMatch(
    /^packages\/tensor\/src\/a\.ts:2: .* in library code: take a/,
  );
  expect(judge(pack('tensor', { 'a.test.ts': text }))).toEqual([]);
  expect(judge(pack('cli', { 'a.ts': text }))).toEqual([]);
});

test('what only looks like a clock passes', () => {
  expect(
    judge(pack('tensor', { 'a.ts': 'x.random(); options.now(); "Math.random()"; Math.max(1); const d: Date = x;' })),
  ).toEqual([]);
});

test("Node's modules only in an entry of their own", () => {
  const text = "import { readFileSync } from 'node:fs';";
  expect(judge(pack('data', { 'node.ts': text, 'a.test.ts': text }))).toEqual([]);
  expect(judge(pack('data', { 'idx.ts': text }))[0]).toContain('move what needs it to src/node.ts');
  expect(judge(pack('cli', { 'main.ts': text }))).toEqual([]);
});

test('a published package needs a row; a tool needs none, and may declare what it only reads', () => {
  expect(judge(pack('layers-new', {}))).toEqual([
    'packages/layers-new/package.json:1: no row in the table of allowed arrows: add one to tools/check-imports/src/arrows.ts',
  ]);
  expect(judge(pack('bench', {}, { dependencies: needs('shape') }, 'tools/bench'))).toEqual([]);
  expect(judge(pack('bench', { 'a.ts': "import '@lemmata/shape';" }, {}, 'tools/bench'))).toEqual([
    'tools/bench/src/a.ts:1: imports "@lemmata/shape": not in dependencies: add it there',
  ]);
});

test('cycles of packages are found, through development dependencies too, and told once', () => {
  const cycle = [
    pack('a', {}, { dependencies: needs('b') }),
    pack('b', {}, { devDependencies: needs('c') }),
    pack('c', {}, { peerDependencies: needs('a') }),
    pack('d', {}, { dependencies: needs('a') }),
  ];
  expect(findCycles(cycle).map(({ message }) => message)).toEqual([
    'a cycle of packages: @lemmata/a → @lemmata/b → @lemmata/c → @lemmata/a. Break one of its arrows',
  ]);
  expect(findCycles(cycle.slice(1))).toEqual([]);
});

test('the table names packages of the table, without a cycle', () => {
  const rows = Object.entries(arrows).map(([name, row]) => {
    const to = row.may === 'any' ? [] : [...row.may, ...(row.types ?? [])];
    for (const target of to) expect(arrows, `${name} → ${target}`).toHaveProperty([target]);
    return pack(name, {}, { dependencies: needs(...to) });
  });
  expect(findCycles(rows)).toEqual([]);
  expect(belowLaws.every((name) => name in arrows)).toBe(true);
});

test('sub-paths are resolved as Node does it: the exact one, then the longest before the star', () => {
  const exports = {
    '.': './src/index.ts',
    './a/special': { '@lemmata/source': './src/special.ts' },
    './*/laws': { '@lemmata/source': './src/*/laws.ts' },
    './a/*': { '@lemmata/source': './src/a/*/index.ts' },
    './*': { '@lemmata/source': './src/*.ts' },
    './internal/*': null,
  };
  expect(sourceOf(exports, '.')).toBe('./src/index.ts');
  expect(sourceOf(exports, './a/special')).toBe('./src/special.ts');
  expect(sourceOf(exports, './a/b')).toBe('./src/a/b/index.ts');
  expect(sourceOf(exports, './b')).toBe('./src/b.ts');
  expect(sourceOf(exports, './internal/b')).toBeUndefined();
  expect(sourceOf(undefined, '.')).toBeUndefined();
});

test('roles are told by names', () => {
  const roles = [
    'a.ts',
    'laws.ts',
    'x.laws.ts',
    'mutants.ts',
    'conv/wasm.ts',
    'wasm/a.ts',
    'a.test.ts',
    'a.browser.test.ts',
    'bench.ts',
  ];
  expect(roles.map(roleOf)).toEqual(['source', 'laws', 'laws', 'laws', 'wasm', 'wasm', 'test', 'test', 'test']);
  expect(['conv/outlaws.ts', 'latest.ts', 'workbench.ts'].map(roleOf)).toEqual(['source', 'source', 'source']);
});

test('a specifier names a package, or one of the modules of Node', () => {
  const names = ['@lemmata/shape/conv', 'fast-png/lib', 'node:fs', 'fs/promises'].map(packageOf);
  expect(names).toEqual(['@lemmata/shape', 'fast-png', undefined, undefined]);
});

test('a folder without packages is not a pass', () => {
  expect(() => checkRepository('/nowhere')).toThrow('expected at least 20 packages');
});

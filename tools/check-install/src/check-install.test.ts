import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnvironment } from './consumer.js';
import { wrongUses } from './checks/wrong-uses.js';
import type { EntrySize } from './entry-sizes.js';
import { closure, entriesOf, type Packed } from './pack.js';
import { entryTables, installTable } from './size-page.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lemmata-entries-'));
  const write = (file: string, text: string): void => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('dist/index.js', `export * from './conv/index.js';`);
  write('dist/conv/index.js', `export const conv = 1;`);
  write('dist/conv/laws.js', `import { check } from '@lemmata/laws'; import { cases } from '../cases.laws.js';`);
  write('dist/cases.laws.js', `import * as fc from "fast-check";`);
  write('dist/conv/wasm.js', `import { helper } from '@lemmata/backend-wasm/code';`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('entries are what exports opens, with the peers that each needs, itself or through files beside it', () => {
  const manifest = {
    name: '@lemmata/x',
    exports: {
      '.': { default: './dist/index.js' },
      './*/laws': { default: './dist/*/laws.js' },
      './*/wasm': { default: './dist/*/wasm.js' },
      './*': { default: './dist/*/index.js' },
    },
    peerDependencies: { '@lemmata/laws': '1', '@lemmata/backend-wasm': '1', 'fast-check': '4' },
  };
  expect(entriesOf(folder, manifest)).toEqual([
    { specifier: '@lemmata/x', needs: [] },
    { specifier: '@lemmata/x/conv', needs: [] },
    { specifier: '@lemmata/x/conv/laws', needs: ['@lemmata/laws', 'fast-check'] },
    { specifier: '@lemmata/x/conv/wasm', needs: ['@lemmata/backend-wasm'] },
  ]);
});

test('a package brings along what it stands on, once', () => {
  const packed = (name: string, ours: readonly string[]): Packed => ({
    name,
    version: '1',
    ours,
    theirs: [],
    folder: '',
    tarball: '',
    bytes: 1,
    entries: [],
  });
  const all = [packed('a', ['b', 'c']), packed('b', ['c']), packed('c', []), packed('d', ['a'])];
  expect(closure(all, 'a').map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(closure(all, 'e')).toEqual([]);
});

test('a consumer sees nothing of the tool that runs it', () => {
  expect(Object.keys(cleanEnvironment()).filter((name) => /^npm_/i.test(name))).toEqual([]);
  expect(cleanEnvironment()['PATH']).toBe(process.env['PATH']);
});

test('sizes are told for each package, with what else it opens below, and for an installation', () => {
  const size = (specifier: string): EntrySize => ({ specifier, bytes: 2048, gzip: 1024, budget: 1536 });
  const text = entryTables(
    [{ name: '@lemmata/x' }, { name: '@lemmata/y' }],
    ['x', 'x/conv', 'y'].map((name) => size(`@lemmata/${name}`)),
  );
  const head = '| entry | minified | and gzipped | budget |\n|---|---:|---:|---:|\n';
  const row = (name: string): string => `| \`@lemmata/${name}\` | 2.0 KiB | 1.0 KiB | 1.5 KiB |`;
  expect(text).toBe(
    `${head}${row('x')}\n${row('y')}\n\n::: details @lemmata/x: 1 more entries\n\n${head}${row('x/conv')}\n\n:::`,
  );
  expect(
    installTable([
      { name: '@lemmata/x', bytes: 1024 },
      { name: '@lemmata/y', bytes: 512 },
    ]),
  ).toMatch(
    /^`npm i @lemmata\/x` brings 2 packages, 1\.5 KiB to fetch: no install script, and nothing from elsewhere\./,
  );
});

test('a wrong use that compiles is told, and so is one of which the compiler says something else', () => {
  const { program, judge } = wrongUses([]);
  const lines = program.split('\n');
  const at = (part: string): number => lines.findIndex((line) => line.includes(part)) + 1;
  const errors = lines.flatMap((line, i) =>
    line.startsWith('conv2dLayer({ outChannels: 2 })') ? [`wrong.ts(${i + 1},1): error TS1: something else`] : [],
  );
  const { found, refused } = judge('wrong.ts', [...errors, 'wrong.ts(1,2): error TS2: no such module'].join('\n'));
  expect(refused).toBe(0);
  expect(found).toContain('wrong.ts:1: TS2: no such module\n');
  expect(found.join('\n')).toMatch(
    /outChannels: 2 \}\); should not compile, saying Property 'kernelSize'.*; TS1: something else/,
  );
  expect(found.join('\n')).toMatch(/sgd\(\{\}\); should not compile, saying .*; it compiles/);
  const said = `wrong.ts(${at('sgd({})')},1): error TS2741: Property 'learningRate' is missing in type '{}'`;
  expect(judge('wrong.ts', said).refused).toBe(1);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnvironment } from './consumer.js';
import { closure, entriesOf, type Packed } from './pack.js';

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

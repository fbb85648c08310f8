import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newLayer, newPackage, spellings } from './scaffold.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lemmata-scaffold-'));
  mkdirSync(join(root, 'packages/layers-pool/src'), { recursive: true });
  writeFileSync(join(root, 'packages/layers-pool/package.json'), '{}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a name is spelled as a folder, a function, a type and a heading', () => {
  expect(spellings('group-norm-2d')).toEqual({
    kebab: 'group-norm-2d',
    camel: 'groupNorm2d',
    Pascal: 'GroupNorm2d',
    title: 'Group norm 2d',
  });
});

describe('a layer', () => {
  test('gets its files, with its name in them', () => {
    const files = newLayer(root, 'spatial-pyramid', 'layers-pool').map((file) => file.replaceAll('\\', '/'));
    const folder = 'packages/layers-pool/src/spatial-pyramid';
    expect(files.toSorted()).toEqual(
      [
        'bench.ts',
        'docs.md',
        'index.ts',
        'laws.test.ts',
        'laws.ts',
        'op.ts',
        'spatial-pyramid.test.ts',
        'spatial-pyramid.ts',
      ].map((file) => `${folder}/${file}`),
    );
    for (const file of files) expect(readFileSync(join(root, file), 'utf8')).not.toContain('{{');
    expect(readFileSync(join(root, folder, 'op.ts'), 'utf8')).toContain(
      'export const SpatialPyramid: OpDef<SpatialPyramidAttrs> = {',
    );
  });

  test('that is there already stays as it is', () => {
    const [file] = newLayer(root, 'demo', 'layers-pool');
    writeFileSync(join(root, file!), 'mine');
    expect(() => newLayer(root, 'demo', 'layers-pool')).toThrow('is there already; choose another name');
    expect(readFileSync(join(root, file!), 'utf8')).toBe('mine');
  });

  test('needs a package that there is, and a name that can name a function', () => {
    expect(() => newLayer(root, 'demo', 'layers-poll')).toThrow(
      "there is no package 'layers-poll'; layers live in layers-pool",
    );
    for (const name of ['Demo', 'spatial_pyramid', '2d', 'a--b', '../x', 'default', ''])
      expect(() => newLayer(root, name, 'layers-pool'), name).toThrow('cannot name a folder and a function');
    expect(existsSync(join(root, 'packages/layers-pool/src/demo'))).toBe(false);
  });
});

test('a package gets its files', () => {
  newPackage(root, 'layers-wavelet');
  const manifest = JSON.parse(readFileSync(join(root, 'packages/layers-wavelet/package.json'), 'utf8'));
  expect(manifest.name).toBe('@lemmata/layers-wavelet');
  expect(readFileSync(join(root, 'packages/layers-wavelet/README.md'), 'utf8')).toMatch(
    /^# @lemmata\/layers-wavelet\n/,
  );
});

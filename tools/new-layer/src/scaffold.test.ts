import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  test('needs a package that there is, and that holds layers', () => {
    mkdirSync(join(root, 'packages/shape/src'), { recursive: true });
    writeFileSync(join(root, 'packages/shape/package.json'), '{}');
    const lives = '; layers live in layers-pool';
    expect(() => newLayer(root, 'demo', 'layers-poll')).toThrow(`a package 'layers-poll' is not there${lives}`);
    expect(() => newLayer(root, 'demo', 'shape')).toThrow(`a package 'shape' holds no layers${lives}`);
    expect(() => newLayer(root, 'demo', '../packages/layers-pool')).toThrow(lives);
  });

  test('needs a name that can name a folder and a function, and that nothing has yet', () => {
    mkdirSync(join(root, 'packages/layers-pool/src/max-pool'));
    writeFileSync(
      join(root, 'packages/layers-pool/src/max-pool/index.ts'),
      "export { maxPool2d, type MaxPoolOptions } from './max-pool.js';\nexport { MaxPool } from './op.js';\n",
    );
    const refusals: Readonly<Record<string, string>> = {
      'cannot name a folder and a function': 'Demo spatial_pyramid 2d a--b ../x',
      'is a word of JavaScript': 'default function new return',
      'is the name of a file of every layer': 'index laws op bench docs wasm',
      'is the name of something in': 'key test apply tensor layer-laws op-def special',
      'is the name of an export of packages/layers-pool/src/max-pool/index.ts': 'max-pool2d max-pool-options',
    };
    for (const [message, names] of Object.entries(refusals)) {
      for (const name of names.split(' ')) expect(() => newLayer(root, name, 'layers-pool'), name).toThrow(message);
    }
    expect(readdirSync(join(root, 'packages/layers-pool/src'))).toEqual(['max-pool']);
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

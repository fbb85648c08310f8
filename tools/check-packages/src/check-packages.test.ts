import { expect, test } from 'vitest';
import { checkManifest, checkReadme, type Manifest } from './rules.js';

const sound: Manifest = {
  name: '@lemmata/shape',
  version: '1.2.3',
  description: 'Sizes of things.',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  files: ['dist'],
  engines: { node: '>=20.19' },
  scripts: { build: 'tsc' },
};

test('a sound package.json passes', () => {
  expect(checkManifest('shape', sound, '1.2.3')).toEqual([]);
});

test.each<[Manifest, string]>([
  [{ name: '@lemmata/shapes' }, 'name is "@lemmata/shapes": expected "@lemmata/shape"'],
  [{ version: '1.2.4' }, 'version is "1.2.4": expected "1.2.3"'],
  [{ sideEffects: undefined }, 'sideEffects is undefined: expected false'],
  [{ files: ['dist', 'src'] }, 'files is ["dist","src"]: expected ["dist"]'],
  [{ private: true }, 'private is true: expected none'],
  [{ description: 'Sizes' }, 'description is missing, or is not a sentence that ends with a full stop'],
  [{ scripts: { postinstall: 'x' } }, "scripts.postinstall would run on a user's machine: remove it"],
  [
    { peerDependencies: { '@lemmata/laws': 'workspace:*', '@lemmata/nn': 'workspace:0.x' } },
    'peerDependencies.@lemmata/laws is "workspace:*": take "workspace:0.x", which the next version fits',
  ],
])('%j is told', (fields, problem) => {
  expect(checkManifest('shape', { ...sound, ...fields }, '1.2.3')).toEqual([problem]);
});

test('a README starts with the name and says something', () => {
  expect(checkReadme('# @lemmata/shape\n\nSizes of things.\n', sound)).toEqual([]);
  expect(checkReadme('# shape\n\nSizes.', sound)).toEqual([
    'README.md starts with "# shape": expected "# @lemmata/shape"',
  ]);
  expect(checkReadme('# @lemmata/shape\n', sound)).toEqual([
    'README.md says nothing: start with the description, "Sizes of things."',
  ]);
});

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findPages } from './examples.js';
import { readPackages } from './facts.js';
import { rewriteLinks } from './links.js';
import { readmeProblems, readReadmeFacts, reportedWords, strangers, type ReadmeFacts } from './readmes.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('what a README may not leave out', () => {
  const facts: ReadmeFacts = {
    name: 'layers-wavelet',
    dependencies: ['nn', 'tensor'],
    thirdParty: ['fast-check'],
    layers: ['wavelet'],
    functions: ['haar', 'wavelet1d', 'wavelet2dLayer', 'waveletWithScales'],
    entries: ['@lemmata/layers-wavelet/wavelet/laws', '@lemmata/layers-wavelet/wavelet/wasm'],
    brings: ['nn', 'shape', 'tensor'],
  };
  const good = `# @lemmata/layers-wavelet

\`\`\`sh
npm i @lemmata/layers-wavelet
\`\`\`

Depends on [\`nn\`](../nn) and
[\`tensor\`](../tensor).

\`\`\`ts run
import { zeros } from '@lemmata/tensor';
console.log(1); // → 1
\`\`\`

[wavelet](./src/wavelet/docs.md): \`wavelet2d\`, \`wavelet\`, \`haar\`. Laws are in \`@lemmata/layers-wavelet/wavelet/laws\`, which need
\`fast-check\`, kernels in \`@lemmata/layers-wavelet/wavelet/wasm\`.
`;
  test('one that has all of it is well', () => expect(readmeProblems(good, facts)).toEqual([]));

  test.each([
    ['npm i @lemmata/layers-wavelet', 'npm i @lemmata/layers', 'how to install'],
    ['npm i @lemmata/layers-wavelet', 'npm i @lemmata/layers-wavelet-2', 'how to install'],
    ['ts run', 'ts', 'no example that runs'],
    ['// → 1', '// 1', 'no example that runs'],
    ["'@lemmata/tensor'", "'@lemmata/tree'", 'first shows what needs tree'],
    ['Depends on', 'Needs', 'no paragraph that starts with "Depends on"'],
    [' and\n[`tensor`](../tensor)', '', '"Depends on" does not link to tensor'],
    ['[`nn`](../nn)', '[`nn`](../nn), [`tree`](../tree)', '"Depends on" links to tree'],
    ['`fast-check`', 'nothing', 'what comes from elsewhere: fast-check'],
    ['](./src/wavelet/docs.md)', '](./src/wavelet)', 'does not link to the pages of wavelet'],
    ['`wavelet2d`, ', '', 'does not name wavelet1d, wavelet2dLayer'],
    ['`haar`', '', 'does not name haar'],
    ['wavelet/laws', 'wavelet', 'names no laws, such as @lemmata/layers-wavelet/wavelet/laws'],
    ['wavelet/wasm', 'wavelet/wasm-2', 'does not name @lemmata/layers-wavelet/wavelet/wasm'],
  ])('without %j it is not: %j', (there, instead, problem) => {
    expect(good).toContain(there);
    const found = readmeProblems(good.replace(there, instead), facts);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });
});

describe('what it has to name is read from the package', () => {
  const packages = readPackages(root);
  const facts = new Map(packages.map((each) => [each.name, readReadmeFacts(root, each, packages)]));

  test('layers, functions and entries are found', () => {
    expect(facts.size).toBeGreaterThan(20);
    expect(facts.get('layers-linear')).toEqual({
      name: 'layers-linear',
      dependencies: ['nn', 'shape', 'tensor'],
      thirdParty: ['fast-check'],
      layers: ['bilinear', 'flatten', 'linear'],
      functions: expect.arrayContaining(['bilinear', 'flattenLayer', 'linear', 'linearLayer']),
      entries: ['bilinear', 'flatten', 'linear'].map((each) => `@lemmata/layers-linear/${each}/laws`),
      brings: ['nn', 'random', 'shape', 'tensor', 'tree'],
    });
    expect(facts.get('data')!.entries).toEqual(['@lemmata/data/image', '@lemmata/data/node']);
    expect(facts.get('optim')!.entries).toEqual(['@lemmata/optim/laws']);
    expect(facts.get('layers-conv')!.entries).toContain('@lemmata/layers-conv/conv/wasm');
    expect(facts.get('tensor')!.functions.length).toBeGreaterThan(150);
  });

  for (const [name, each] of facts)
    test(`@lemmata/${name}`, () => expect(readmeProblems(read(`packages/${name}/README.md`), each)).toEqual([]));
});

describe('what it names is there', () => {
  test('what is not is found, but in blocks of code', () => {
    const text =
      '`conv2d`, `conv2d(x)`, `gone`, `Gone(x)`, `x + y`, `TypeError`, `@lemmata/nn/gone`, `@lemmata/nn`\n\n```ts\n`gone2`\n```';
    expect(strangers(text, new Set(['conv2d', '@lemmata/nn']))).toEqual(['gone', 'Gone', '@lemmata/nn/gone']);
  });

  const words = reportedWords(root);
  test('words of all packages are known', () => {
    for (const each of ['conv2d', 'learningRate', 'TrainingError', '@lemmata/layers-conv/conv/wasm'])
      expect(words).toContain(each);
  });

  for (const { name, folder } of readPackages(root))
    test(`@lemmata/${name}`, () => expect(strangers(read(`${folder}/README.md`), words)).toEqual([]));
});

test('links within the repository lead to files, from every README and page', () => {
  const map = {
    pages: new Map(),
    exists: (path: string) => existsSync(join(root, path)),
    asset: (path: string) => path,
  };
  for (const path of findPages(root)) expect(() => rewriteLinks(path, read(path), map)).not.toThrow();
});

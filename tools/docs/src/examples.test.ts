import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Example, Examples, examplesIn, expectedOutput, findExamples, findPages, runExample } from './examples.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const example = (code: string): Example => ({ path: 'README.md', block: 1, line: 7, code });

describe('examples are found and judged', () => {
  test('blocks marked as run, with their lines, and no others', () => {
    const text = [
      '# a',
      '```ts run',
      'one',
      '```',
      '```ts',
      'two',
      '```',
      '````md',
      '```ts run',
      '````',
      '```ts run',
      'three',
      '```',
    ];
    expect(examplesIn('a.md', text.join('\n'))).toEqual([
      { path: 'a.md', block: 1, line: 2, code: 'one' },
      { path: 'a.md', block: 2, line: 11, code: 'three' },
    ]);
  });

  test('what is expected stands after an arrow', () => {
    expect(expectedOutput('console.log(a); // → 1\n// →   2\n// 3\nconst b = 1; // no → here')).toEqual(['1', '  2']);
  });

  test('what is printed comes back line by line', async () => {
    expect(await runExample(root, example('console.log([1, 2]);\nconst x: string = "a\\nb"; console.log(x);'))).toEqual(
      ['[ 1, 2 ]', 'a', 'b'],
    );
    expect(await runExample(root, example('export {};'))).toEqual([]);
  });

  test('packages are read from their sources, by their own names', async () => {
    expect(
      await runExample(root, example("import * as shape from '@lemmata/shape'; console.log(typeof shape);")),
    ).toEqual(['object']);
    await expect(runExample(root, example("import '@lemmata/nowhere';"))).rejects.toThrow(
      'there is no package @lemmata/nowhere',
    );
    await expect(runExample(root, example("import '@lemmata/shape/a/b/c';"))).rejects.toThrow('README.md:8');
  });

  test('one that cannot be compiled does not keep others from running', async () => {
    const all = [example("import '@lemmata/nowhere';"), example('console.log(1);')];
    const examples = new Examples(root, all);
    try {
      await expect(examples.run(all[0]!)).rejects.toThrow('there is no package @lemmata/nowhere');
      expect(await examples.run(all[1]!)).toEqual(['1']);
    } finally {
      examples.remove();
    }
  });

  test('an error tells the line of the Markdown file', async () => {
    const failing = runExample(root, example('\nthrow new Error("no");'));
    await expect(failing).rejects.toThrow(/Error: no[^]*README\.md:9:7/);
  });
});

describe('every example runs and prints what it says', () => {
  const examples = findExamples(root);
  let compiled: Examples;
  beforeAll(() => {
    compiled = new Examples(root, examples);
  });
  afterAll(() => compiled.remove());
  test('the READMEs of the packages are among the files that are read, and pages of folders within folders', () => {
    expect(findPages(root)).toContain('packages/shape/README.md');
    expect(findPages(root)).toContain('packages/layers-conv/src/conv/docs.md');
    expect(findPages(root)).toContain('packages/architectures/src/blocks/basic/docs.md');
  });
  for (const each of examples) {
    test(`${each.path}:${each.line} block ${each.block}`, async () => {
      expect(await compiled.run(each)).toEqual(expectedOutput(each.code));
    });
  }
});

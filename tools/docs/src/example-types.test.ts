import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { typeErrors } from './example-types.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

test('an error names file and line of the Markdown, and an example without one is passed over', async () => {
  const examples = [
    { path: 'a.md', block: 1, line: 3, code: 'const x: number = 1;\nconsole.log(x);' },
    { path: 'b.md', block: 1, line: 7, code: 'const x = 1;\nconst f = (y) => x.length;\nf(process.version);' },
  ];
  expect(await typeErrors(root, examples)).toEqual([
    "b.md:9:12: error TS7006: Parameter 'y' implicitly has an 'any' type.",
    "b.md:9:20: error TS2339: Property 'length' does not exist on type '1'.",
  ]);
});

test('an entry that there is not is an error', async () => {
  const example = { path: 'a.md', block: 1, line: 1, code: "import '@lemmata/nowhere';" };
  await expect(typeErrors(root, [example])).rejects.toThrow('there is no package @lemmata/nowhere');
});

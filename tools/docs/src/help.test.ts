import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test.each([
  ['docs', 'tools/docs/dist/main.js'],
  ['api', 'tools/api-reports/dist/main.js'],
  ['bench:docs', 'tools/bench/dist/docs-main.js'],
  ['bench:convergence', 'tools/bench/dist/convergence-main.js'],
  ['results:docs', 'docs/recipes/dist/results.js'],
])('npm run %s -- --help says what it does, and does nothing', async (verb, main) => {
  const path = fileURLToPath(new URL(`../../../${main}`, import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path, '--help']);
  expect(stdout).toMatch(new RegExp(`^(usage: )?npm run ${verb}\\b.*\\n\\n[A-Z]`));
  expect(stderr).toBe('');
});

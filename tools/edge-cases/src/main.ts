#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runEdgeCases } from './run.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const { values } = parseArgs({ options: { json: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(
    'usage: npm run edge-cases -- [--json FILE]\n\nRuns the tests of all edge cases; FILE gets them as data.',
  );
} else {
  const results = await runEdgeCases(root);
  for (const { code, result, tests, holds } of results) {
    console.log(`${code.padEnd(4)}${result.padEnd(8)}${String(tests.length).padStart(3)} tests  ${holds}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  const failed = results.filter(({ result }) => result === 'failed');
  const pending = results.filter(({ result }) => result === 'pending');
  console.log(
    `${results.length - failed.length - pending.length} passed, ${failed.length} failed, ${pending.length} pending`,
  );
  if (failed.length > 0) process.exitCode = 1;
}

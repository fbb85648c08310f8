/** `docs-main.js FILE…`: writes docs/performance.md from result files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseMeasurements } from './measurement.js';
import { performancePage } from './page.js';

const page = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

try {
  const files = process.argv.slice(2);
  if (files.length === 0)
    throw new Error('npm run bench:docs -- FILE [FILE]…: which results, written by npm run bench -- --json FILE?');
  const runs = files.map((file) => ({
    name: basename(file),
    measurements: parseMeasurements(readFileSync(file, 'utf8'), file),
  }));
  writeFileSync(page, performancePage(runs));
  console.log(`written: ${page}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

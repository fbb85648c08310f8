/** `docs-main.js FILE…`: writes docs/performance.md and its plot from result files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseMeasurements } from './measurement.js';
import { growthPlot } from './growth-plot.js';
import { GROWTH_FILE, performancePage } from './page.js';

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
  const growth = growthPlot(runs);
  if (growth !== null) {
    const plot = join(dirname(page), GROWTH_FILE);
    writeFileSync(plot, growth.svg);
    console.log(`written: ${plot}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

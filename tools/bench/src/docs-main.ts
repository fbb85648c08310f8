import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConvergence } from './convergence-results.js';
import { parseMeasurements } from './measurement.js';
import { growthPlot } from './growth-plot.js';
import { GROWTH_FILE, performancePage } from './page.js';

const usage = `npm run bench:docs -- FILE [FILE]…

Writes docs/performance.md and its plot from files of npm run bench -- --json FILE, one of which may be of
npm run bench:convergence -- --json FILE.`;

const page = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

try {
  const files = process.argv.slice(2);
  if (files.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  if (files.length === 0) throw new Error(usage);
  const texts = files.map((file) => ({ name: basename(file), file, text: readFileSync(file, 'utf8') }));
  const runs = texts
    .filter(({ text }) => parseConvergence(text) === null)
    .map(({ name, file, text }) => ({ name, measurements: parseMeasurements(text, file) }));
  const trained = texts.flatMap(({ text }) => parseConvergence(text) ?? []);
  if (trained.length > 1) throw new Error('npm run bench:docs: more than one file of npm run bench:convergence');
  writeFileSync(page, performancePage(runs, trained[0]));
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

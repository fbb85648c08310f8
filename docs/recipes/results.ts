import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, UserError } from '@lemmata/cli';
import { resultsPage, type Run } from './shared/results-page.js';

const docs = fileURLToPath(new URL('../../', import.meta.url));

const HELP = `npm run results:docs -- [RUN FOLDER…]

Keeps in docs/results what these runs have measured, and writes docs/results.md from all that is kept.`;

await command(() => {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${HELP}\n`);
    return Promise.resolve(0);
  }
  const kept = join(docs, 'results');
  mkdirSync(kept, { recursive: true });
  for (const folder of process.argv.slice(2)) {
    const path = resolve(process.env['INIT_CWD'] ?? '.', folder, 'run.json');
    if (!existsSync(path)) throw new UserError(`${path}: no such file; expected the folder of a run that has ended`);
    // Where the data lay is nobody's business.
    const { data: _, ...run } = JSON.parse(readFileSync(path, 'utf8')) as Run & { data?: string };
    if (!('result' in run)) throw new UserError(`${path}: the run has not ended; go on with its command and --resume`);
    if (run.quick) throw new UserError(`${path}: a quick run measures nothing; run the recipe without --quick`);
    writeFileSync(join(kept, `${run.recipe}.json`), `${JSON.stringify(run, null, 2)}\n`);
    const figure = join(dirname(path), 'figure.svg');
    if (existsSync(figure)) copyFileSync(figure, join(docs, 'recipes', run.recipe, 'figure.svg'));
  }
  const runs = readdirSync(kept)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(kept, name), 'utf8')) as Run);
  writeFileSync(join(docs, 'results.md'), resultsPage(runs));
  return Promise.resolve(0);
});

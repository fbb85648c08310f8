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
  const folders = process.argv.slice(2);
  const option = folders.find((word) => word.startsWith('-'));
  if (option !== undefined) throw new UserError(`unknown option '${option}'; there is --help`);
  // All of them are understood before anything is written.
  const measured = folders.map((folder) => {
    const path = resolve(process.env['INIT_CWD'] ?? '.', folder, 'run.json');
    return { run: ended(path), figure: join(dirname(path), 'figure.svg') };
  });
  const kept = join(docs, 'results');
  mkdirSync(kept, { recursive: true });
  for (const { run, figure } of measured) {
    writeFileSync(join(kept, `${run.recipe}.json`), `${JSON.stringify(run, null, 2)}\n`);
    if (existsSync(figure)) copyFileSync(figure, join(docs, 'recipes', run.recipe, 'figure.svg'));
  }
  const runs = readdirSync(kept)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(kept, name), 'utf8')) as Run);
  writeFileSync(join(docs, 'results.md'), resultsPage(runs));
  return Promise.resolve(0);
});

/** What a run has written of itself at its end. */
function ended(path: string): Run {
  if (!existsSync(path)) throw new UserError(`${path}: no such file; expected the folder of a run that has ended`);
  let run: Run;
  try {
    // Where the data lay is nobody's business.
    const { data: _, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Run & { data?: string };
    run = rest;
    if ('result' in run) resultsPage([run]);
  } catch (cause) {
    throw new UserError(`${path}: it is damaged (${(cause as Error).message}); run the recipe again`, { cause });
  }
  if (!('result' in run)) throw new UserError(`${path}: the run has not ended; go on with its command and --resume`);
  if (run.quick) throw new UserError(`${path}: a quick run measures nothing; run the recipe without --quick`);
  if (!existsSync(join(docs, 'recipes', run.recipe, 'README.md')))
    throw new UserError(`${path}: received a run of '${run.recipe}'; expected one of a recipe that is here`);
  return run;
}

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { resultsPage, type Run } from './shared/results-page.js';

const docs = fileURLToPath(new URL('../', import.meta.url));
const runs = readdirSync(join(docs, 'results'))
  .toSorted()
  .map((name) => ({ name, run: JSON.parse(readFileSync(join(docs, 'results', name), 'utf8')) as Run }));

test('the page of results is what the runs have written of themselves', () => {
  expect(readFileSync(join(docs, 'results.md'), 'utf8')).toBe(resultsPage(runs.map(({ run }) => run)));
});

test.each(runs)('$name is a whole run of a recipe that is there', ({ name, run }) => {
  expect(name).toBe(`${run.recipe}.json`);
  expect(run.quick).toBe(false);
  expect(existsSync(join(docs, 'recipes', run.recipe, 'recipe.ts'))).toBe(true);
  expect(run.weights).toMatch(/^[0-9a-f]{64}$/);
  for (const value of [run.result.value, run.trainingSeconds, run.seed]) expect(Number.isFinite(value)).toBe(true);
});

test('a goal that is missed says so', () => {
  const { run } = runs[0]!;
  const page = resultsPage([
    {
      ...run,
      goals: [
        { name: 'a', value: 0.5, atLeast: 0.6 },
        { name: 'b', value: 0.7, atLeast: 0.6, aim: 0.8 },
      ],
    },
  ]);
  expect(page).toMatch(/\| a \| ≥ 0\.6000 \| {2}\| 0\.5000 \| \*\*missed\*\* \|/);
  expect(page).toMatch(/\| b \| ≥ 0\.6000 \| ≥ 0\.8000 \| 0\.7000 \| reached, short of the aim \|/);
});

test('a run that has not ended measures nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lemmata-results-'));
  await writeFile(join(folder, 'run.json'), JSON.stringify({ recipe: 'lenet5-mnist', quick: false }));
  const keeping = promisify(execFile)(process.execPath, [join(docs, 'recipes/dist/results.js'), folder]);
  await expect(keeping).rejects.toMatchObject({
    code: 1,
    stderr: `error: ${join(folder, 'run.json')}: the run has not ended; go on with its command and --resume\n`,
  });
  await rm(folder, { recursive: true });
});

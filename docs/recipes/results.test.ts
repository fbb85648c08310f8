import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

const whole = runs[0]!.run;

test.each([
  ['an option', '', "unknown option '--all'; there is --help", '--all'],
  ['no file', '', ': no such file; expected the folder of a run that has ended', 'run/nowhere'],
  [
    'not ended',
    JSON.stringify({ recipe: 'lenet5-mnist', quick: false }),
    ': the run has not ended; go on with its command and --resume',
  ],
  [
    'quick',
    JSON.stringify({ ...whole, quick: true }),
    ': a quick run measures nothing; run the recipe without --quick',
  ],
  ['cut off', JSON.stringify(whole).slice(0, 99), ': it is damaged (Unterminated string in JSON at position 99'],
  ['no record', 'null', ': it is damaged ('],
  ['no result', JSON.stringify({ ...whole, result: 1 }), ': it is damaged ('],
  [
    'another recipe',
    JSON.stringify({ ...whole, recipe: 'other' }),
    ": received a run of 'other'; expected one of a recipe that is here",
  ],
])(
  'a run that measures nothing is refused, before anything is written: %s',
  async (_, text, message, argument = 'run') => {
    const folder = await mkdtemp(join(tmpdir(), 'lemmata-results-'));
    try {
      await mkdir(join(folder, 'run'));
      await mkdir(join(folder, 'before'));
      await writeFile(join(folder, 'run/run.json'), text);
      await writeFile(join(folder, 'before/run.json'), JSON.stringify({ ...whole, title: 'Changed' }));
      const program = [join(docs, 'recipes/dist/results.js'), join(folder, 'before')];
      const given = argument.startsWith('-') ? argument : join(folder, argument);
      const keeping = promisify(execFile)(process.execPath, [...program, given]);
      await expect(keeping).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*\n$/) });
      await expect(keeping).rejects.toMatchObject({ stderr: expect.stringContaining(message) });
      expect(readFileSync(join(docs, 'results', runs[0]!.name), 'utf8')).not.toContain('Changed');
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

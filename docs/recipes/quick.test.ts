import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runRecipe, UserError, type Recipe } from '@lemmata/cli';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(here).filter((name) => existsSync(join(here, name, 'recipe.ts')));
let folder: string;
let printed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lemmata-quick-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

test('there are recipes', () => {
  expect(names).toContain('lenet5-mnist');
});

describe.each(names)('%s', (name) => {
  test('says what its folder of data holds', async () => {
    const { recipe } = (await import(join(here, name, 'recipe.ts'))) as { recipe: Recipe };
    expect(await runRecipe(recipe, ['--help'])).toBe(0);
    if (recipe.dataFolder === undefined) expect(printed).not.toContain('--data');
    else expect(printed).toMatch(/--data DIR {12}folder with (the four files|sheets) of /);
  });

  test('has a page, and a quick run that ends with hash, seconds, result and a report', async ({ skip }) => {
    const { recipe } = (await import(join(here, name, 'recipe.ts'))) as { recipe: Recipe };
    expect(recipe.name).toBe(name);
    expect(existsSync(join(here, name, 'README.md'))).toBe(true);
    const out = join(folder, name);
    try {
      expect(await runRecipe(recipe, ['--quick', '--out', out, '--threads', '1'])).toBe(0);
    } catch (error) {
      // Data that no registry carries may be missing, and the recipe must say so before it writes anything.
      if (!(error instanceof UserError) || !error.message.startsWith('the data is missing')) throw error;
      expect(existsSync(out)).toBe(false);
      return skip(error.message);
    }
    const [hash, seconds, result] = printed.trimEnd().split('\n').slice(-3);
    expect(hash).toMatch(/^weights sha256 [0-9a-f]{64}$/);
    expect(seconds).toMatch(/^training seconds \d+\.\d$/);
    const run = JSON.parse(await readFile(join(out, 'run.json'), 'utf8'));
    expect(result!.startsWith(`${run.result.name} `)).toBe(true);
    expect(Number.isFinite(run.result.value)).toBe(true);
    expect((await readdir(out)).filter((file) => file !== 'figure.svg').sort()).toEqual([
      'checkpoint.safetensors',
      'history.jsonl',
      'model.safetensors',
      'report.html',
      'run.json',
    ]);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    for (const part of [recipe.title, 'Learning']) expect(report).toContain(part);
  });
});

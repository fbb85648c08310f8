import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const main = here('./dist/main.js');
let folder: string;

beforeAll(async () => {
  if (!existsSync(main)) throw new Error(`${main} is missing: npm test builds it first; alone, run: npm run build`);
  folder = await mkdtemp(join(tmpdir(), 'lemmata-recipe-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const recipe = async (...args: string[]): Promise<string[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'lenet5-mnist', ...args]);
  return stdout.trimEnd().split('\n');
};

test('two processes with the same seed end with the same weights, on real digits', async () => {
  const runs = await Promise.all(
    ['a', 'b'].map((name) => recipe('--quick', '--limit', '1280', '--out', join(folder, name))),
  );
  const [[hash], [again]] = runs.map((lines) => lines.slice(-3)) as [string[], string[]];
  expect(hash).toMatch(/^weights sha256 [0-9a-f]{64}$/);
  expect(again).toBe(hash);
  expect(runs[0]!.at(-1)).toMatch(/^test accuracy 0\.\d{4}$/);
});

test('Ctrl-C is answered within a step, and leaves a checkpoint and a model', async () => {
  const out = join(folder, 'stopped');
  const child = spawn(process.execPath, [main, 'lenet5-mnist', '--out', out], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  await new Promise<void>((resolve) =>
    child.stdout.on('data', (text) => String(text).includes('writing to') && resolve()),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(await readdir(out)).toEqual(
    expect.arrayContaining(['checkpoint.safetensors', 'model.safetensors', 'history.jsonl']),
  );
});

test('a mistake of the user is one line on standard error, and exit code 1', async () => {
  await expect(recipe('--out', join(folder, 'never'), '--data', join(folder, 'nowhere'))).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^error: .*train-images-idx3-ubyte/s),
  });
  expect(existsSync(join(folder, 'never'))).toBe(false);
});

test.each([
  ['lenet5', 'lenet5-mnist'],
  ['autoencodr', 'autoencoder-mnist'],
])('%s: did you mean %s?', async (name, meant) => {
  await expect(promisify(execFile)(process.execPath, [main, name])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`error: unknown recipe '${name}'; did you mean '${meant}'?`),
  });
});

test('without a name the recipes are listed with what they are about, and an option is no name', async () => {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);
  const [{ stdout }, refused] = await Promise.all([run(), run('--quick', 'words').catch((error: unknown) => error)]);
  expect(stdout).toMatch(/^ {2}lenet5-mnist {9}LeNet-5 on MNIST$/m);
  expect(stdout).toMatch(/^ {2}words {16}English words, letter by letter$/m);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: --quick: the name of a recipe comes f/),
  });
});

test('the thirty lines of the README are the program in this folder', async () => {
  const readme = await readFile(here('../../README.md'), 'utf8');
  const program = await readFile(here('./lenet5-mnist/thirty-lines.ts'), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${program.trimEnd()}\n\`\`\``);
});

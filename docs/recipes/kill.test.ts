import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const main = fileURLToPath(new URL('./dist/main.js', import.meta.url));
const kills = process.env['LEMMATA_NIGHTLY'] === undefined ? 3 : 50;
let folder: string;

beforeAll(async () => {
  if (!existsSync(main)) throw new Error(`${main} is missing: npm test builds it first; alone, run: npm run build`);
  folder = await mkdtemp(join(tmpdir(), 'lemmata-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a recipe, and kills it after so many milliseconds unless it has ended: its output, or null if it was killed. */
function run(args: readonly string[], killAfter = Infinity): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const timer = Number.isFinite(killAfter) ? setTimeout(() => child.kill('SIGKILL'), killAfter) : undefined;
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve(null);
      else if (code === 0) resolve(out);
      else reject(new Error(`exit code ${code}: ${err}`));
    });
  });
}

const weights = (output: string): string => /^weights sha256 (\w{64})$/m.exec(output)![1]!;
const history = (run: string): Promise<string> => readFile(join(folder, run, 'history.jsonl'), 'utf8');

/** Together they have every kind of state: momentum and moments, schedules, running statistics, keys, drawn changes of the data. */
const RECIPES: Readonly<Record<string, readonly string[]>> = {
  'lenet5-mnist': ['--quick', '--limit', '640'],
  'vae-mnist': ['--quick', '--epochs', '2', '--limit', '300'],
  emoji: ['--quick', '--epochs', '2', '--limit', '64', '--batch-size', '16'],
};

test(`killed ${kills} times at random moments, a run resumes to the weights and the history of an unbroken one`, async () => {
  const at = (recipe: string, name: string): string[] => {
    const options = ['--checkpoint-every', '3', '--threads', '1', '--out', join(folder, name)];
    return [recipe, ...RECIPES[recipe]!, ...options];
  };
  const whole: Record<string, { output: string; length: number }> = {};
  for (const recipe of Object.keys(RECIPES)) {
    const began = performance.now();
    const output = (await run(at(recipe, recipe)))!;
    whole[recipe] = { output, length: performance.now() - began };
  }
  let killed = 0;
  let resumed = 0;
  for (let round = 0; killed < kills; round++) {
    const recipe = Object.keys(RECIPES)[round % 3]!;
    // A run is killed once; of many rounds, every second run up to three times.
    const most = round % 2 === 1 && kills >= 50 ? 3 : 1;
    const moments: number[] = [];
    let output: string | null = null;
    while (output === null) {
      const moment = moments.length < most && killed < kills ? randomInt(Math.ceil(whole[recipe]!.length)) : Infinity;
      moments.push(moment);
      output = await run([...at(recipe, `round${round}`), '--resume'], moment);
      if (output === null) killed++;
    }
    if (/^resumed at step \d+$/m.test(output)) resumed++;
    expect(weights(output), `${recipe} killed after ${moments.join(', ')} ms`).toBe(weights(whole[recipe]!.output));
    expect(await history(`round${round}`)).toBe(await history(recipe));
    expect((await readdir(join(folder, `round${round}`))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
  // A kill before the first checkpoint leads to a start from the beginning; of many, some come later.
  if (kills >= 50) expect(resumed).toBeGreaterThan(0);
}, 3_600_000);

test('resumed at its end, it ends the same; a fresh start forgets what was there; other options are refused', async () => {
  const options = ['--quick', '--threads', '1', '--limit', '640'];
  const at = (name: string): string[] => ['lenet5-mnist', '--out', join(folder, name), ...options];
  const whole = (await run(at('one')))!;
  const again = (await run([...at('one'), '--resume']))!;
  expect(again).toMatch(/^resumed at step 10$/m);
  expect(weights(again)).toBe(weights(whole));
  const fresh = (await run(at('one')))!;
  expect(fresh).not.toContain('resumed');
  expect(weights(fresh)).toBe(weights(whole));
  const empty = (await run([...at('new'), '--resume']))!;
  expect(empty).not.toContain('resumed');
  expect(weights(empty)).toBe(weights(whole));
  await expect(run([...at('one'), '--resume', '--seed', '4'])).rejects.toThrow(
    /it is of another run: seed was 0, is 4\. Give the same options, or another --out DIR/,
  );
});

import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunFolder } from './run-folder.js';

let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'lemmata-run-'));
});
afterEach(() => rm(path, { recursive: true, force: true }));

test('what is logged is in the history once it is flushed, behind what a resumed run begins with', async () => {
  const folder = await RunFolder.create(path, [{ a: 'é' }]);
  folder.log({ b: Number.NaN });
  await folder.flush();
  folder.log({ c: 2 });
  await folder.flush();
  await folder.flush();
  expect(await readFile(join(path, 'history.jsonl'), 'utf8')).toBe('{"a":"é"}\n{"b":"NaN"}\n{"c":2}\n');
});

test.each([
  ['a new run', 0, (): Promise<unknown> => RunFolder.create(path)],
  ['lines of another run', 18, (): Promise<unknown> => appendFile(join(path, 'history.jsonl'), '{"b":2}\n')],
])('of two runs in one folder the one that finds %s in it stops, before its checkpoint', async (_, size, meanwhile) => {
  const folder = await RunFolder.create(path);
  folder.log({ a: 1.5 });
  await folder.flush();
  await meanwhile();
  folder.log({ a: 2 });
  await expect(folder.flush()).rejects.toThrow(
    `history.jsonl: received ${size} bytes; expected 10, as this run left it. Another run writes into the folder: give each its own --out DIR`,
  );
  expect(await readFile(join(path, 'history.jsonl'), 'utf8')).not.toContain('{"a":2}');
});

test('a folder that is gone is told', async () => {
  const folder = await RunFolder.create(path);
  await rm(path, { recursive: true });
  await expect(folder.flush()).rejects.toThrow(
    /history\.jsonl: no such file or folder; expected the history of this run/,
  );
});

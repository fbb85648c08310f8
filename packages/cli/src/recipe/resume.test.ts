import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scalar } from '@lemmata/tensor';
import { encodeCheckpoint, type Cursor } from '@lemmata/train';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resumed } from './resume.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lemmata-resume-'));
});
afterAll(() => rm(folder, { recursive: true }));

const like = { a: scalar(0) };
const extent = { epochs: 2, steps: 3 };
const save = (cursor: Cursor, metadata: Record<string, string>): Promise<void> =>
  writeFile(join(folder, 'checkpoint.safetensors'), encodeCheckpoint({ a: scalar(7) }, cursor, metadata));

test('a place in the data, and the seconds before it', async () => {
  await writeFile(
    join(folder, 'history.jsonl'),
    '{"kind":"step","epoch":0,"step":1,"size":2,"loss":3}\n{"kind":"step","epoch":0,"step":2}\n{"kind":"step","epoch":0,"step":3,"size":2,"loss":1}\n',
  );
  for (const cursor of [
    { epoch: 1, step: 2 },
    { epoch: 2, step: 0 },
  ]) {
    await save(cursor, { seconds: '1.5' });
    const earlier = (await resumed(folder, like, {}, extent))!;
    expect([earlier.cursor, earlier.seconds, earlier.state.a.item()]).toEqual([cursor, 1.5, 7]);
    // A line without its figures is none.
    expect(earlier.history.map(({ step }) => step)).toEqual([1, 3]);
  }
});

test.each<[Cursor, Record<string, string>, string]>([
  [{ epoch: 0, step: 1 }, { seconds: 'abc' }, 'epoch 0, step 1 and abc seconds'],
  [{ epoch: 0, step: 1 }, { seconds: '-1' }, 'epoch 0, step 1 and -1 seconds'],
  [{ epoch: 0, step: 1 }, { seconds: 'Infinity' }, 'epoch 0, step 1 and Infinity seconds'],
  [{ epoch: 0, step: 1 }, {}, 'epoch 0, step 1 and undefined seconds'],
  [{ epoch: 0, step: 3 }, { seconds: '1' }, 'epoch 0, step 3 and 1 seconds'],
  [{ epoch: 2, step: 1 }, { seconds: '1' }, 'epoch 2, step 1 and 1 seconds'],
])('a checkpoint of %j with %j is damaged', async (cursor, metadata, received) => {
  await save(cursor, metadata);
  await expect(resumed(folder, like, {}, extent)).rejects.toThrow(
    `checkpoint.safetensors: it is damaged: received ${received}; expected a place in 2 epochs of 3 steps, and a count of seconds. Give another --out DIR`,
  );
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyEntry, type HistoryEntry, historyLine, readHistory, wholeEpoch } from './history.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
});
afterAll(() => rm(folder, { recursive: true }));

const entry = (kind: 'step' | 'epoch', epoch: number, step: number, size = 2, loss = 1): HistoryEntry => ({
  kind,
  epoch,
  step,
  size,
  loss,
  metrics: { accuracy: loss / 2 },
});

test('of an event neither state nor place are kept, and a line is flat', () => {
  const event = { ...entry('step', 0, 1), steps: 4, cursor: { epoch: 0, step: 1 }, state: 'weights' };
  expect(historyEntry(event)).toEqual(entry('step', 0, 1));
  expect(historyLine(entry('step', 0, 1))).toEqual({
    kind: 'step',
    epoch: 0,
    step: 1,
    size: 2,
    loss: 1,
    accuracy: 0.5,
  });
});

test('what was written is read up to a place in the data; lines of another kind and one that was cut off are passed over', async () => {
  const path = join(folder, 'history.jsonl');
  const entries = [
    entry('step', 0, 1),
    entry('step', 0, 2),
    entry('epoch', 0, 2),
    entry('step', 1, 1),
    entry('step', 1, 2),
    entry('epoch', 1, 2),
  ];
  const lines = entries.map((one) => JSON.stringify(historyLine(one)));
  const test = JSON.stringify({ kind: 'test', epoch: 0, step: 1, loss: 3 });
  await writeFile(path, [...lines.slice(0, 3), test, ...lines.slice(3), lines[0]!.slice(0, -9)].join('\n'));
  expect(await readHistory(path, { epoch: 1, step: 1 })).toEqual(entries.slice(0, 4));
  expect(await readHistory(path, { epoch: 1, step: 0 })).toEqual(entries.slice(0, 3));
  expect(await readHistory(path, { epoch: 2, step: 0 })).toEqual(entries);
  expect(await readHistory(join(folder, 'none'), { epoch: 1, step: 0 })).toEqual([]);
});

test('a damaged line is named, and a file that cannot be read', async () => {
  const path = join(folder, 'damaged.jsonl');
  await writeFile(path, `${JSON.stringify(historyLine(entry('step', 0, 1)))}\n{"kind":"st\0p"}\n{"kind}\n`);
  await expect(readHistory(path, { epoch: 1, step: 0 })).rejects.toThrow(
    `${path}, line 2: received {"kind":"st\0p"}; expected a JSON object. Remove the line, or give another --out DIR`,
  );
  await expect(readHistory(folder, { epoch: 1, step: 0 })).rejects.toThrow(`${folder}: it is a folder`);
});

test('an epoch is the mean of its own steps by their size, those before it was resumed too', () => {
  const history = [
    entry('step', 0, 1, 9, 100),
    entry('step', 1, 1, 3, 2),
    entry('step', 1, 2, 1, 6),
    entry('epoch', 1, 2, 1, 6),
  ];
  expect(wholeEpoch(history[3]!, history)).toEqual({ ...history[3], size: 4, loss: 3, metrics: { accuracy: 1.5 } });
});

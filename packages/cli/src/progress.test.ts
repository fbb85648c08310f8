import { afterEach, expect, test, vi } from 'vitest';
import { duration, progress, type Standing } from './progress.js';

const { isTTY } = process.stderr;
const terminal = (is: boolean): unknown =>
  Object.defineProperty(process.stderr, 'isTTY', { value: is, configurable: true, writable: true });
afterEach(() => {
  terminal(isTTY);
  vi.restoreAllMocks();
});

const standing = (metrics: Standing['metrics'] = { accuracy: 0.25 }): Standing => ({
  epoch: 0,
  epochs: 2,
  step: 3,
  steps: 4,
  loss: 0.5,
  metrics,
  rate: 1234.5,
  unit: 'images',
  secondsLeft: 75,
});

test('seconds as minutes, and as hours where there are any', () => {
  expect([0, 5.4, 59.6, 75, 3599, 3600, 3661, 36_610].map(duration)).toEqual([
    '0:00',
    '0:05',
    '1:00',
    '1:15',
    '59:59',
    '1:00:00',
    '1:01:01',
    '10:10:10',
  ]);
  expect([NaN, Infinity].map(duration)).toEqual(['–', '–']);
});

test('beside a terminal a line tells each epoch, and no step; of many metrics none is told', () => {
  terminal(false);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const told = progress();
  told.step(standing());
  told.epoch(standing(), 62);
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));
  told.epoch({ ...standing(many(9)), epoch: 1 }, 124);
  told.epoch(standing(many(8)), 1);
  told.stop();
  const lines = write.mock.calls.map(([text]) => text);
  expect(lines.slice(0, 2)).toEqual([
    'epoch 1/2  loss 0.5000  accuracy 0.2500  1235 images/s  1:02\n',
    'epoch 2/2  loss 0.5000  1235 images/s  2:04\n',
  ]);
  expect(lines.slice(2)).toEqual([expect.stringContaining('loss 0.5000  m0 0.0000  m1 1.0000')]);
});

test('in a terminal a bar shows the steps of an epoch, and the next epoch has a new one', () => {
  terminal(true);
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
  for (const name of ['cursorTo', 'clearLine', 'moveCursor'] as const)
    (process.stderr as unknown as Record<string, unknown>)[name] ??= () => true;
  const told = progress();
  told.step(standing());
  told.epoch(standing(), 1);
  told.step({ ...standing(), epoch: 1, step: 4 });
  told.stop();
  expect(text).toMatch(/epoch 1\/2 .* 75% · loss 0\.5000 · accuracy 0\.2500 · 1235 images\/s · 1:15 left/);
  expect(text).toMatch(/epoch 2\/2 .* 100% · /);
});

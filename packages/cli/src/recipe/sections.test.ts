import { expect, test } from 'vitest';
import type { HistoryEntry } from './history.js';
import { curves } from './sections.js';

const entry = (kind: 'step' | 'epoch', step: number, metrics: Record<string, number>): HistoryEntry => ({
  kind,
  epoch: 0,
  step,
  size: 1,
  loss: 0,
  metrics,
});

test('metrics of all steps in one chart, by the names of the legend; what a step does not have is marked', () => {
  const history = [
    entry('step', 1, { 'loss a': 3, 'loss b': 2 }),
    entry('step', 2, { 'loss a': 1 }),
    entry('epoch', 2, { 'loss a': 7777, 'loss b': 7777 }),
  ];
  const svg = curves(history, { title: 'Both', metrics: { 'first one': 'loss a', second: 'loss b' } });
  for (const text of ['Both', 'first one', 'second', 'step', 'Not on the curve: × 1 NaN']) expect(svg).toContain(text);
  expect(svg).not.toContain('7,777');
  expect(() => curves(history, { metrics: {}, colour: 'red' } as never)).toThrow('unknown option colour');
});

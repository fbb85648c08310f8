import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { profile } from './profile.js';

async function printed(...argv: string[]): Promise<string> {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    expect(await profile(argv)).toBe(0);
  } finally {
    write.mockRestore();
  }
  return lines.join('');
}

test('a training step of a network: a table that adds up, and a trace', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lemmata-profile-'));
  try {
    const out = join(folder, 'trace.json');
    const text = await printed('lenet5', '--batch', '2', '--calls', '3', '--threads', '1', '--out', out);
    expect(text).toMatch(/^lenet5, a training step on 2 × \[1, 28, 28\], on wasm/);
    expect(text).toMatch(/training step, the mean of 3 calls\nop +lines +ms +share/);
    const rows = text.split('\n').map((line) => line.split(/ {2,}/));
    const from = rows.findIndex(([op]) => op === 'op') + 1;
    const to = rows.findIndex(([op]) => op === 'all lines');
    const sum = (column: number): number => rows.slice(from, to).reduce((total, row) => total + Number(row[column]), 0);
    expect(sum(1)).toBe(Number(rows[to]![1]));
    // Each row is rounded to a thousandth.
    expect(Math.abs(sum(2) - Number(rows[to]![2]))).toBeLessThan(0.001 * (to - from + 1));
    expect(text).toMatch(/as it trains, not line by line: [\d.]+ ms a call/);
    const { traceEvents } = JSON.parse(readFileSync(out, 'utf8'));
    expect(traceEvents.filter(({ cat }: { cat?: string }) => cat === 'call').length).toBe(3);
    expect(traceEvents.filter(({ cat }: { cat?: string }) => cat === 'line').length).toBe(3 * Number(rows[to]![1]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what it does not understand', async () => {
  await expect(profile([])).rejects.toThrow(/expected the name of a network/);
  await expect(profile(['lenet6'])).rejects.toThrow(/unknown network 'lenet6'; did you mean 'lenet5'/);
  await expect(profile(['lenet5', '--batch', '0'])).rejects.toThrow(/--batch: expected a whole number of at least 1/);
  await expect(profile(['quick'], { names: ['quicker'], load: () => Promise.reject(new Error('no')) })).rejects.toThrow(
    /unknown network or recipe 'quick'; did you mean 'quicker'/,
  );
});

test('a trace that cannot be written is told in words', async () => {
  const argv = ['lenet5', '--batch', '1', '--calls', '1', '--threads', '1', '--out'];
  await expect(printed(...argv, tmpdir())).rejects.toThrow(/received EISDIR.*; expected a path that can be written/);
  await expect(printed(...argv, '')).rejects.toThrow("--out: expected a path, received ''");
});

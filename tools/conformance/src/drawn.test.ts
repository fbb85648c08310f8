import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { calls, init, optim, sched } from './adapters/index.js';
import { runCommand } from './command.js';
import { BACKENDS } from './engine.js';
import { familiesIn, readFamily } from './vectors.js';

/** What `draw.py drawn --seed 7 --cases 1` wrote for a few ops. */
const folder = fileURLToPath(new URL('../drawn', import.meta.url));
const sources = fileURLToPath(new URL('../drawing', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'lemmata-drawn-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const run = (...args: string[]): { code: number; text: string } => {
  const lines: string[] = [];
  const code = runCommand(args, (text) => lines.push(text));
  return { code, text: lines.join('\n') };
};

/** A copy of the folder to spoil. */
function copyOf(name: string): string {
  const copy = join(temporary, name);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

test.each(Object.keys(BACKENDS))('a folder that draw.py wrote passes on %s', (backend) => {
  const { code, text } = run('--vectors', folder, '--backend', backend);
  const cases = familiesIn(folder).flatMap((name) => readFamily(folder, name).cases);
  expect(text).toContain(`${cases.length} passed, 0 failed, 0 skipped`);
  expect(code).toBe(0);
  expect(new Set(cases.map(({ kind }) => kind))).toEqual(
    new Set(['function', 'module', 'optimizer', 'scheduler', 'init']),
  );
});

describe.each(['out.', 'grad.', 'after.'])('a wrong number under %s', (prefix) => {
  test.each(Object.keys(BACKENDS))('is noticed on %s', (backend) => {
    const copy = copyOf(`${prefix}${backend}`);
    const { cases } = JSON.parse(readFileSync(join(copy, 'nn.BatchNorm1d.json'), 'utf8'));
    const [{ name, tensors }] = cases;
    const entry = tensors.find((one: any) => one.name.startsWith(prefix) && one.dtype === 'float64');
    const bytes = readFileSync(join(copy, 'nn.BatchNorm1d.bin'));
    bytes.writeDoubleLE(bytes.readDoubleLE(entry.offset) + 0.01, entry.offset);
    writeFileSync(join(copy, 'nn.BatchNorm1d.bin'), bytes);
    const { code, text } = run('--vectors', copy, '--backend', backend);
    expect(code).toBe(1);
    expect(text).toMatch(/ 1 failed,/);
    expect(text).toContain(`FAILED ${name}\n    ${entry.name} is off by`);
  });
});

test('what cannot be run is named: an option, a folder, a file, a tensor', () => {
  expect(() => run('--vectors', folder, '--seed', '1')).toThrow("'--seed'");
  expect(() => run('--vectors', folder, '--backend', 'cuda')).toThrow("there is no backend 'cuda'");
  expect(() => run()).toThrow('--vectors is missing');
  expect(() => run('--vectors', join(temporary, 'none'))).toThrow(join('none', 'index.json'));
  const cut = copyOf('cut');
  writeFileSync(join(cut, 'matmul.bin'), readFileSync(join(cut, 'matmul.bin')).subarray(8));
  expect(() => run('--vectors', cut)).toThrow(/matmul\.json: expected \d+ bytes/);
  const spoilt = copyOf('spoilt');
  const text = readFileSync(join(spoilt, 'matmul.json'), 'utf8');
  writeFileSync(join(spoilt, 'matmul.json'), text.replace(/"offset": 0,/, '"offset": 4,'));
  expect(() => run('--vectors', spoilt)).toThrow(
    /matmul\.json: matmul\/draw\/.*: in\.input cannot be read: .* at byte 4 /,
  );
  writeFileSync(join(spoilt, 'matmul.json'), text.slice(1));
  expect(() => run('--vectors', spoilt)).toThrow(/matmul\.json is not JSON/);
});

test('for every op that has an adapter cases are drawn', () => {
  const text = readdirSync(sources)
    .filter((name) => name.endsWith('.py'))
    .map((name) => readFileSync(join(sources, name), 'utf8'))
    .join('\n');
  // Generators are registered under the names of their ops: @draws("conv1d", "conv2d").
  const drawn = [...text.matchAll(/^@draws\(([^)]*)\)/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/"([^"]+)"/g)].map(([, name]) => name!),
  );
  expect([...new Set(drawn)].sort()).toEqual(Object.keys({ ...calls, ...optim, ...sched, ...init }).sort());
  expect(drawn).toHaveLength(new Set(drawn).size);
});

import { add, key, matmul, mul, randomNormal, maximum, sum, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test, vi } from 'vitest';
import { compile, formatProfile, totalsByOp, traceFile, type Profile } from '../index.js';

/** A clock on which every look takes a millisecond. */
function ticking(): () => number {
  let now = 100;
  return () => now++;
}

const step = () =>
  compile((state: Tensor, x: Tensor) => [sum(matmul(matmul(x, state), x)), add(mul(state, 0.5), x)].reverse(), {
    donate: 1,
    name: 'step',
  });
const square = (seed: number): Tensor => randomNormal(key(seed), [8, 8]);

function profiled(calls: number): Profile {
  const f = step();
  let state = square(1);
  [state] = f(state, square(2)) as [Tensor];
  const profiling = f.profile(ticking());
  for (let i = 0; i < calls; i++) [state] = f(state, square(2)) as [Tensor];
  const profile = profiling.stop();
  f(state, square(2));
  return profile;
}

test('every line of every call is timed, and the times add up to the call', () => {
  const profile = profiled(3);
  expect(profile.name).toBe('step');
  expect(profile.calls.length).toBe(3);
  for (const { lines, begin, marks, end } of profile.calls) {
    expect(marks.length).toBe(lines.length + 1);
    expect(marks.map((mark) => mark - begin)).toEqual(marks.map((_, i) => i + 1));
    expect(end).toBe(marks.at(-1)! + 1);
  }
  const { lines } = profile.calls[0];
  const totals = totalsByOp(profile);
  expect(totals.reduce((n, { ms }) => n + ms, 0)).toBe(3 * lines.length);
  expect(totals.reduce((n, { lines }) => n + lines, 0)).toBe(3 * lines.length);
  const product = totals.find(({ op }) => op === 'matmul')!;
  expect(product.flops).toBe(product.lines * (2 * 8 ** 3));
  expect(product.bytes / product.lines).toBe(3 * 4 * 64);
});

test('profiled calls have the bits of others, and it can be begun again', () => {
  const [plain, watched] = [step(), step()];
  const profiling = watched.profile(ticking());
  const [a, b] = [plain(square(1), square(2)), watched(square(1), square(2))];
  expect(b.map((t) => t.dataSync())).toEqual(a.map((t) => t.dataSync()));
  expect(profiling.stop().calls.length).toBe(1);
  expect(watched.profile(ticking()).stop().calls).toEqual([]);
});

test('the last to begin is told of calls, until it is stopped', () => {
  const f = step();
  const clock = vi.fn(ticking());
  const [first, second] = [f.profile(ticking()), f.profile(clock)];
  expect(first.stop().calls).toEqual([]);
  f(square(1), square(2));
  expect(second.stop().calls.length).toBe(1);
  const looks = clock.mock.calls.length;
  f(square(1), square(2));
  expect(clock.mock.calls.length).toBe(looks);
});

test('a call that is refused is left out', () => {
  const f = step();
  const profiling = f.profile(ticking());
  expect(() => f(square(1), tensor(new Float32Array(64).fill(3e38), { shape: [8, 8] }))).toThrow('made');
  expect(profiling.stop().calls).toEqual([]);
});

test('side by side and fused lines are lines too', () => {
  const f = compile((a: Tensor, b: Tensor) => [maximum(add(a, 1), 0), maximum(add(b, 1), 0)]);
  f(square(1), square(2));
  const profiling = f.profile(ticking());
  f(square(1), square(2));
  const { calls } = profiling.stop();
  expect(calls[0].lines.map(({ op }) => op)).toEqual(['add+maximum ×2']);
  expect(calls[0].lines[0].bytes).toBe(4 * 4 * 64);
});

test('lines that were made one count the operations of all of them', () => {
  const operations = (f: (...xs: Tensor[]) => unknown, inputs: readonly Tensor[], fuse: boolean): unknown => {
    const compiled = compile(f, { fuse });
    compiled(...inputs);
    const profiling = compiled.profile(ticking());
    compiled(...inputs);
    const { lines } = profiling.stop().calls[0];
    return [lines.map(({ op }) => op), lines.reduce((total, { flops }) => total + flops, 0)];
  };
  const [a, b, bias] = [square(1), square(2), randomNormal(key(3), [8])];
  // An epilogue: the product, and two functions of each of its elements.
  const affine = (x: Tensor, w: Tensor, c: Tensor): unknown => maximum(add(matmul(x, w), c), 0);
  expect(operations(affine, [a, b, bias], true)).toEqual([['matmul+add+maximum'], 2 * 8 ** 3 + 2 * 64]);
  expect(operations(affine, [a, b, bias], false)).toEqual([['matmul', 'add', 'maximum'], 2 * 8 ** 3 + 2 * 64]);
  // A prologue: two functions of each element that a sum reads.
  const squares = (x: Tensor): unknown => sum(mul(add(x, 1), 2));
  expect(operations(squares, [a], true)).toEqual([['add+mul+sum'], 3 * 64]);
  expect(operations(squares, [a], false)).toEqual([['add', 'mul', 'sum'], 3 * 64]);
  // Side by side: two of the same.
  const both = (x: Tensor, y: Tensor): unknown => [maximum(add(x, 1), 0), maximum(add(y, 1), 0)];
  expect(operations(both, [a, b], true)).toEqual([['add+maximum ×2'], 4 * 64]);
});

test('a table whose rows add up', () => {
  const text = formatProfile(profiled(2));
  expect(text.split('\n')).toMatchInlineSnapshot(`
    [
      "step, the mean of 2 calls",
      "op                lines     ms    share  GFLOP/s  GB/s    MB",
      "matmul                2  2.000   40.0 %     0.00  0.00  0.00",
      "sum                   1  1.000   20.0 %     0.00  0.00  0.00",
      "mul+add               1  1.000   20.0 %     0.00  0.00  0.00",
      "allFinite             1  1.000   20.0 %     0.00  0.00  0.00",
      "all lines             5  5.000  100.0 %     0.00  0.00  0.00",
      "around the lines         2.000",
      "a call                   7.000",
    ]
  `);
  expect(formatProfile({ name: 'f', calls: [] })).toBe('f: no calls');
});

test('a trace in the format of Chrome’s viewer: complete events in microseconds, lines inside their call', () => {
  const profile = profiled(2);
  const { traceEvents, displayTimeUnit } = JSON.parse(JSON.stringify(traceFile(profile)));
  expect(displayTimeUnit).toBe('ms');
  expect(traceEvents[0]).toEqual({ name: 'process_name', ph: 'M', pid: 1, tid: 1, args: { name: 'step' } });
  const events = traceEvents.slice(1);
  for (const event of events) {
    expect(event).toMatchObject({ ph: 'X', pid: 1, tid: 1, name: expect.any(String), cat: expect.any(String) });
    expect(event.ts).toBeGreaterThanOrEqual(0);
    expect(event.dur).toBeGreaterThan(0);
  }
  const calls = events.filter(({ cat }: { cat: string }) => cat === 'call');
  expect(calls.map(({ name, ts }: { name: string; ts: number }) => [name, ts])).toEqual([
    ['step', 0],
    ['step', 1000 * (profile.calls[1].begin - profile.calls[0].begin)],
  ]);
  for (const line of events.filter(({ cat }: { cat: string }) => cat === 'line')) {
    const around = calls.find(
      ({ ts, dur }: { ts: number; dur: number }) => ts <= line.ts && line.ts + line.dur <= ts + dur,
    );
    expect(around).toBeDefined();
    expect(line.args).toMatchObject({
      line: expect.stringContaining(' = '),
      FLOP: expect.any(Number),
      bytes: expect.any(Number),
    });
  }
});

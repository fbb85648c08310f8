import { compile } from '@lemmata/compile';
import {
  add,
  amax,
  apply,
  exp,
  log10,
  logSoftmax,
  matmul,
  mul,
  run,
  sigmoid,
  softmax,
  sum,
  tensor,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { i32 } from '../assembler/index.js';
import { stage, type KernelCode } from '../code.js';
import type { WasmKernel } from '../kernel.js';
import type { Runtime } from '../runtime.js';
import { wasmBackend, type Wasm } from '../wasm.js';
import { failing, stuck } from './doomed.laws.js';
import { CONTROL } from './replay.js';

const backends: Wasm[] = [];
const make = (threads: number, kernels: readonly WasmKernel[] = []): Wasm => {
  const backend = wasmBackend({ threads, kernels, guards: true });
  backends.push(backend);
  return backend;
};
afterAll(() => backends.forEach((backend) => backend.stop()));

/** Runs work that is shared until the workers are there. */
async function awaken(backend: Wasm): Promise<void> {
  const x = backend.tensor(new Float32Array(400_000));
  for (let i = 0; i < 500; i++) {
    add(x, x);
    if (backend.workers > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the workers have not started');
}

const wave = (length: number, salt: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + salt) * 3);

function sameBits(got: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): void {
  expected.forEach((values, k) => {
    expect(got[k].length).toBe(values.length);
    for (let i = 0; i < values.length; i++) {
      if (!Object.is(got[k][i], values[i]))
        expect(`result ${k}, element ${i}: ${got[k][i]}, not ${values[i]}`).toBe('');
    }
  });
}

/** Refuses negative numbers. */
const Picky: OpDef = { name: 'picky', infer: (_attrs, x) => [x], reference: () => undefined };
const pickyKernel: WasmKernel = {
  op: Picky,
  accepts: () => true,
  stages: (_attrs, { inputs: [x], outputs: [out] }) => [
    stage(pickyCode, { x: x.at, out: out.at }, x.shape[0], 10, (index) => new Error(`index ${index} is refused`)),
  ],
};
const pickyCode: KernelCode<'x' | 'out'> = {
  name: 'picky',
  fields: ['x', 'out'],
  build(f, args, begin, end, target) {
    f.range(begin, end, 1, (i) => {
      const at = f.let(i32.shl(i, 2));
      const value = f.let(i32.load(i32.add(args.x, at)));
      f.if(i32.lt_s(value, 0), () => target.refuse(f, value));
      f.do(i32.store(i32.add(args.out, at), value));
    });
  },
};

describe('threads', () => {
  test('results do not depend on how many there are, bit for bit', async () => {
    const x = tensor(wave(400 * 301, 1), { shape: [400, 301] });
    const y = tensor(wave(301 * 500, 2), { shape: [301, 500] });
    const compute = (backend: Wasm): ArrayLike<number>[] => {
      const [a, b] = [backend.put(x), backend.put(y)];
      const product = matmul(a, b);
      const results = [
        product,
        softmax(product),
        logSoftmax(product, 0),
        sum(a, { axis: 0 }),
        sum(a, { axis: 1 }),
        amax(product, { axis: 0 }),
        sigmoid(mul(exp(a), 0.5)),
        log10(exp(a)),
      ];
      return results.map((t) => t.dataSync());
    };
    const expected = compute(make(1));
    for (const threads of [2, 3]) {
      const backend = make(threads);
      await awaken(backend);
      expect(backend.workers).toBe(threads - 1);
      for (let round = 0; round < 3; round++) sameBits(compute(backend), expected);
      const inside = run((x: Tensor) => sum(exp(x), { axis: 0 }), backend.put(x));
      sameBits([inside.dataSync()], [run((x: Tensor) => sum(exp(x), { axis: 0 }), backends[0].put(x)).dataSync()]);
      backend.checkGuards();
    }
  });

  test('a worker that dies: an error says so, and the backend goes on with one thread', async () => {
    const backend = make(2, [failing]);
    await awaken(backend);
    const x = backend.tensor([1]);
    expect(() => apply(failing.op, {}, [x])).toThrow(
      /a worker thread has died \(.*\); what was being computed is lost. The backend goes on with one thread/,
    );
    expect(backend.workers).toBe(0);
    expect(sum(backend.tensor(wave(400_000, 1))).item()).toBe(sum(tensor(wave(400_000, 1))).item());
  });

  test('a worker that does not answer: after some patience the same, and no hang', async () => {
    const backend = make(2, [stuck]);
    await awaken(backend);
    const { heap, pool } = (backend.eager.backend as unknown as { readonly runtime: Runtime }).runtime;
    // A minute by default.
    new Int32Array(heap.current, pool!.control)[CONTROL.patience / 4] = 20;
    expect(() => apply(stuck.op, {}, [backend.tensor([1])])).toThrow(
      'a worker thread has died (it failed, or did not answer for a minute)',
    );
    expect(backend.workers).toBe(0);
    expect(sum(backend.tensor(wave(400_000, 1))).item()).toBe(sum(tensor(wave(400_000, 1))).item());
  });

  test('where no worker can be started, it says so once and goes on with one thread', () => {
    const real = process.getBuiltinModule;
    const Worker = class {
      constructor() {
        throw new Error('forbidden by policy');
      }
    };
    const spy = vi
      .spyOn(process, 'getBuiltinModule')
      .mockImplementation(((name: string) => (name === 'node:worker_threads' ? { Worker } : real(name))) as never);
    try {
      const warnings: string[] = [];
      const backend = wasmBackend({ threads: 3, onWarning: (message) => warnings.push(message) });
      const x = wave(400_000, 1);
      for (let i = 0; i < 3; i++) expect(exp(backend.tensor(x)).size).toBe(x.length);
      expect(warnings).toEqual([
        'wasmBackend: no worker could be started (forbidden by policy); everything runs on one thread',
      ]);
      expect(backend.workers).toBe(0);
    } finally {
      spy.mockRestore();
    }
  });

  test('an index that a worker refuses is told as one of the first thread is', async () => {
    const backend = make(2, [pickyKernel]);
    await awaken(backend);
    const indices = Int32Array.from({ length: 400_000 }, (_, i) => (i > 300_000 ? -i : i));
    const message = 'index -300001 is refused';
    expect(() => apply(Picky, {}, [backend.tensor(indices, { dtype: 'int32' })])).toThrow(message);
    expect(() => compile((x: Tensor) => apply(Picky, {}, [x])[0])(backend.tensor(indices, { dtype: 'int32' }))).toThrow(
      message,
    );
    const good = backend.tensor(indices.map(Math.abs), { dtype: 'int32' });
    expect(apply(Picky, {}, [good])[0].size).toBe(400_000);
    expect(backend.workers).toBe(1);
  });

  test('stopped by hand, it goes on with one thread', async () => {
    const backend = make(2);
    await awaken(backend);
    backend.stop();
    expect(backend.workers).toBe(0);
    expect(add(backend.tensor(wave(400_000, 1)), 1).dataSync()[3]).toBe(add(tensor(wave(4, 1)), 1).dataSync()[3]);
  });

  test('how many there may be', () => {
    expect(() => wasmBackend({ threads: 0 })).toThrow('wasmBackend: threads is an integer from 1 to 64, received 0');
    expect(() => wasmBackend({ threads: 1.5 })).toThrow('received 1.5');
    expect(make(3).toString()).toMatch(/^wasm, (relaxed|plain) SIMD, 3 threads$/);
    expect(make(1).toString()).toMatch(/1 thread$/);
  });
});

test('lines side by side are distributed over threads, and what reads them waits', async () => {
  const count = 24;
  // Of each, what it remembers; its update reads what another one remembers, on another thread.
  const updates = (all: readonly Tensor[]): Tensor[] => {
    const kept = all.map((p) => add(mul(sigmoid(p), 0.9), exp(p)));
    return [...kept, ...all.map((p, i) => mul(p, kept[count - 1 - i]))];
  };
  const [alone, pair] = [make(1), make(2)];
  await awaken(pair);
  const results = [alone, pair].map((backend) => {
    const all = Array.from({ length: count }, (_, i) => backend.tensor(wave(3000, i)));
    const compiled = compile((...ps: Tensor[]) => updates(ps));
    let last: ArrayLike<number>[] = [];
    for (let i = 0; i < 50; i++) {
      const now = compiled(...all).map((t) => t.dataSync());
      if (i > 0) sameBits(now, last);
      last = now;
    }
    expect(String(compiled)).toMatch(/: 2 lines/);
    return last;
  });
  sameBits(results[1], results[0]);
  sameBits(
    results[1],
    updates(Array.from({ length: count }, (_, i) => pair.tensor(wave(3000, i)))).map((t) => t.dataSync()),
  );
});

import { valueAndGrad } from '@lemmata/autograd';
import { compile, NonFiniteError } from '@lemmata/compile';
import {
  add,
  apply,
  broadcastTo,
  cumsum,
  div,
  exp,
  gather,
  log,
  logSoftmax,
  matmul,
  maximum,
  mean,
  mul,
  neg,
  permute,
  reshape,
  run,
  softmax,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { i32, memory } from './assembler/index.js';
import { stage, type KernelCode } from './code.js';
import type { WasmKernel } from './kernel.js';
import { wasmBackend } from './wasm.js';

const wasm = wasmBackend({ guards: true, threads: 1 });

interface Params {
  readonly w1: Tensor;
  readonly b1: Tensor;
  readonly w2: Tensor;
}

const wave = (shape: readonly number[], salt: number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 12.9 + salt)),
    { shape },
  );
const start: Params = { w1: wave([20, 16], 1), b1: wave([16], 2), w2: wave([16, 5], 3) };
const x = wave([12, 20], 4);
const labels = tensor(
  Int32Array.from({ length: 12 }, (_, i) => i % 5),
  { shape: [12, 1] },
);

/** A step of gradient descent on a small network, with an op that no kernel has (cumsum) in its middle. */
function step(params: Params, x: Tensor, labels: Tensor, rate: number): [Params, Tensor] {
  const { value, grads } = valueAndGrad((p: Params) => {
    const hidden = maximum(add(matmul(x, p.w1), p.b1), 0);
    const logits = matmul(tanh(cumsum(hidden, 1)), p.w2);
    return neg(mean(gather(logSoftmax(logits), 1, labels)));
  })(params);
  const next = (key: keyof Params): Tensor => sub(params[key], mul(grads[key], rate));
  return [{ w1: next('w1'), b1: next('b1'), w2: next('w2') }, value];
}

const on = (params: Params): Params => ({ w1: wasm.put(params.w1), b1: wasm.put(params.b1), w2: wasm.put(params.w2) });

describe('programs', () => {
  test('equal eager code bit for bit over donated steps, fused and not, and the reference closely', () => {
    for (const fuse of [true, false]) {
      const compiled = compile(step, { donate: 1, fuse });
      let [a, b, c] = [on(start), on(start), start];
      for (let i = 0; i < 5; i++) {
        let [lossA, lossB, lossC]: Tensor[] = [];
        [a, lossA] = compiled(a, wasm.put(x), wasm.put(labels), 0.1);
        [b, lossB] = step(b, wasm.put(x), wasm.put(labels), 0.1);
        [c, lossC] = step(c, x, labels, 0.1);
        expect(lossA.dataSync()).toEqual(lossB.dataSync());
        for (const key of ['w1', 'b1', 'w2'] as const) expect(a[key].dataSync()).toEqual(b[key].dataSync());
        expect(lossA.item()).toBeCloseTo(lossC.item(), 5);
      }
      a.w1.dataSync().forEach((value, i) => expect(value).toBeCloseTo(c.w1.dataSync()[i], 4));
    }
    wasm.checkGuards();
  });

  test('programs for other shapes share memory, and a run takes none', () => {
    const compiled = compile((x: Tensor) => softmax(matmul(x, transpose(x))));
    const runs = [12, 5, 12, 5].map((n) => compiled(wasm.put(wave([n, 20], n))).dataSync());
    const taken = wasm.memoryBytes;
    const again = [12, 5, 12, 5].map((n) => compiled(wasm.put(wave([n, 20], n))).dataSync());
    expect(again).toEqual(runs);
    expect(wasm.memoryBytes).toBe(taken);
    expect(compiled.size).toBe(2);
  });

  test('the line that makes a non-finite value is named', () => {
    const compiled = compile((s: Tensor, x: Tensor) => [add(s, sum(log(mul(cumsum(x, 0), 1)))), sum(x)], {
      donate: 1,
      fuse: false,
    });
    expect(() => compiled(wasm.tensor(0), wasm.tensor([0, -1]))).toThrow(NonFiniteError);
    expect(() => compiled(wasm.tensor(0), wasm.tensor([0, -1]))).toThrow(
      /log, behind [01, ]+ made -Infinity of finite values/,
    );
  });

  test('constants and views of outer tensors', () => {
    const outer = wasm.put(wave([3, 4], 1));
    const compiled = compile((x: Tensor) => add(mul(transpose(outer), x), broadcastTo(tensor([1, 2, 3]), [4, 3])));
    const y = wave([4, 3], 2);
    expect(compiled(wasm.put(y)).dataSync()).toEqual(
      add(mul(transpose(wave([3, 4], 1)), y), tensor([1, 2, 3])).dataSync(),
    );
  });
});

describe('eager code', () => {
  test('in scopes, across them and outside gives the same bits', () => {
    const f = (a: Tensor): Tensor => div(exp(mul(permute(reshape(a, [4, 3, 5]), [2, 0, 1]), 0.5)), 3);
    const outside = f(wasm.put(wave([12, 5], 1))).dataSync();
    expect(run((a: Tensor) => f(add(a, 0)), wasm.put(wave([12, 5], 1))).dataSync()).toEqual(outside);
    expect(run((a: Tensor) => run((b: Tensor) => f(b), a), wasm.put(wave([12, 5], 1))).dataSync()).toEqual(outside);
  });

  test('a failing scope frees its memory', () => {
    const taken = wasm.memoryBytes;
    for (let i = 0; i < 3; i++) {
      expect(() =>
        run((a: Tensor) => {
          add(a, exp(a));
          throw new Error('stop');
        }, wasm.put(x)),
      ).toThrow('stop');
      run((a: Tensor) => sum(a), wasm.put(x));
      run((a: Tensor) => sum(a), wasm.put(x));
    }
    expect(wasm.memoryBytes).toBeLessThanOrEqual(taken + 1024);
  });

  test('tensors of two backends do not mix; reference constants cross', () => {
    const other = wasmBackend({ threads: 1 });
    expect(() => add(wasm.tensor([1]), other.tensor([1]))).toThrow('its inputs live on two backends, wasm and wasm');
    expect(add(wasm.tensor([1, 2]), tensor([10, 20])).toArray()).toEqual([11, 22]);
  });
});

describe('kernels of others', () => {
  const sevens: KernelCode<'out'> = {
    name: 'sevens',
    fields: ['out'],
    build: (f, args, begin, end) => f.do(memory.fill(i32.add(args.out, begin), 7, i32.sub(end, begin))),
  };
  const Filled: OpDef = {
    name: 'filled',
    infer: (_attrs, a) => [{ shape: a.shape, dtype: 'bool' }],
    reference: (_attrs, _inputs, [out]) => void out.data.fill(1),
  };
  const kernel = (value: 'bool' | 'float32'): WasmKernel => ({
    op: Filled,
    accepts: (_attrs, [a]) => a.dtype === value,
    scratch: () => 100,
    stages: (_attrs, { outputs: [out], scratch }) => {
      expect(scratch % 64).toBe(0);
      return [
        stage(
          sevens,
          { out: out.at },
          out.shape.reduce((a, b) => a * b, 1),
          1,
        ),
      ];
    },
  });

  test('run where they accept, and the reference elsewhere; inputs are packed for them', () => {
    const own = wasmBackend({ kernels: [kernel('float32')], threads: 1, guards: true });
    const [yes, no] = [own.tensor([[1, 2, 3]]), own.tensor([[true, false]])];
    expect([...apply(Filled, {}, [transpose(yes)])[0].dataSync()]).toEqual([7, 7, 7]);
    expect([...apply(Filled, {}, [no])[0].dataSync()]).toEqual([1, 1]);
    expect([...compile((a: Tensor) => apply(Filled, {}, [transpose(a)])[0])(yes).dataSync()]).toEqual([7, 7, 7]);
    own.checkGuards();
  });

  test('a composite stays whole where a kernel takes it', () => {
    const Doubled: OpDef = { name: 'doubled', infer: (_attrs, a) => [a], define: (_attrs, a) => [add(a, a)] };
    const code: KernelCode<'from' | 'out'> = {
      name: 'copy',
      fields: ['from', 'out'],
      build: (f, args, begin, end) =>
        f.do(memory.copy(i32.add(args.out, begin), i32.add(args.from, begin), i32.sub(end, begin))),
    };
    const whole: WasmKernel = {
      op: Doubled,
      accepts: (_attrs, [a]) => a.shape.length === 1,
      stages: (_attrs, { inputs: [a], outputs: [out] }) => [
        stage(code, { from: a.at, out: out.at }, 4 * a.shape[0], 1),
      ],
    };
    const own = wasmBackend({ kernels: [whole], threads: 1 });
    expect(apply(Doubled, {}, [own.tensor([1, 2])])[0].toArray()).toEqual([1, 2]);
    expect(apply(Doubled, {}, [own.tensor([[1, 2]])])[0].toArray()).toEqual([[2, 4]]);
    const compiled = compile((a: Tensor) => apply(Doubled, {}, [a])[0]);
    compiled(own.tensor([1, 2]));
    expect(String(compiled)).toContain('doubled(');
  });
});

describe('without WebAssembly', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('everything runs in JavaScript, and it says so once', () => {
    const warnings: string[] = [];
    vi.stubGlobal('WebAssembly', undefined);
    const fallback = wasmBackend({ onWarning: (message) => warnings.push(message) });
    expect(add(fallback.tensor([1, 2]), 1).toArray()).toEqual([2, 3]);
    expect(warnings).toEqual([
      'wasmBackend: this engine has no WebAssembly; everything runs in plain JavaScript, which is slower by ten times and more',
    ]);
    expect(String(fallback)).toBe('reference, plain JavaScript');
    expect(fallback.memoryBytes).toBe(0);
    fallback.checkGuards();
    fallback.stop();
    expect(mul(fallback.tensor([3]), 2).toArray()).toEqual([6]);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    wasmBackend();
    expect(warn.mock.calls).toEqual([warnings]);
    warn.mockRestore();
    expect([fallback.threads, fallback.workers]).toEqual([1, 0]);
  });

  test('nor where a policy forbids to compile it, or it has no SIMD', () => {
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    const forbidden = class {
      constructor() {
        throw new Error('blocked by policy');
      }
    };
    vi.stubGlobal('WebAssembly', { ...bound(), Module: forbidden });
    wasmBackend({ onWarning });
    const silent = class {
      constructor() {
        // oxlint-disable-next-line no-throw-literal -- engines of pages have thrown worse
        throw 'no reason';
      }
    };
    vi.stubGlobal('WebAssembly', { ...bound(), Module: silent });
    wasmBackend({ onWarning });
    vi.stubGlobal('WebAssembly', { ...bound(), validate: () => false });
    wasmBackend({ onWarning });
    expect(warnings[0]).toContain('WebAssembly may not be compiled here (blocked by policy)');
    expect(warnings[1]).toContain('WebAssembly may not be compiled here (no reason)');
    expect(warnings[2]).toContain('its WebAssembly has no SIMD');
  });

  test('without shared memory there is one thread, and the same bits', () => {
    const expected = softmax(matmul(wasm.put(x), wasm.put(transpose(x)))).dataSync();
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const warnings: string[] = [];
    const single = wasmBackend({ threads: 2, maximumBytes: 2 ** 24, onWarning: (message) => warnings.push(message) });
    expect(single.features.threads).toBe(false);
    expect(String(single)).toMatch(/1 thread$/);
    expect(softmax(matmul(single.put(x), single.put(transpose(x)))).dataSync()).toEqual(expected);
    expect(compile((a: Tensor) => softmax(matmul(a, transpose(a))))(single.put(x)).dataSync()).toEqual(expected);
    expect(warnings).toEqual(['wasmBackend: memory cannot be shared here; everything runs on one thread']);
    // Who asks for one thread misses nothing.
    wasmBackend({ threads: 1, maximumBytes: 2 ** 24, onWarning: (message) => warnings.push(message) });
    expect(warnings.length).toBe(1);
    expect(add(wasmBackend({ threads: 1 }).tensor([1]), 1).toArray()).toEqual([2]);
    vi.stubGlobal('crossOriginIsolated', false);
    wasmBackend({ threads: 2, maximumBytes: 2 ** 24, onWarning: (message) => warnings.push(message) });
    expect(warnings[1]).toContain('memory cannot be shared here, for this page is not cross-origin isolated;');
    expect(() => wasmBackend({ threads: 0 })).toThrow('threads is an integer from 1 to 64, received 0');
  });

  test('plain SIMD says so', () => {
    expect(String(wasmBackend({ threads: 1, simd: 'plain' }))).toBe('wasm, plain SIMD, 1 thread');
  });

  test('unknown options are refused', () => {
    expect(() => wasmBackend({ thread: 2 } as never)).toThrow(/wasmBackend.*thread/);
  });
});

/** What the stand-ins of WebAssembly keep. */
function bound(): object {
  const { Memory, Table, Global, Instance, Module, validate } = WebAssembly;
  return { Memory, Table, Global, Instance, Module, validate };
}

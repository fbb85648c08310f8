import { conv2d } from '@lemmata/layers-conv/conv';
import { run, tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { backendOption, fullBackend } from './backend.js';
import { UserError } from './failure.js';

test('kernels of layers run on it, on its own tensors', () => {
  const backend = fullBackend({ threads: 1 });
  const [x, w] = [backend.tensor(new Float32Array(25).fill(1), { shape: [1, 1, 5, 5] }), backend.tensor([[[[1, 2]]]])];
  const y = run(() => conv2d(x, w));
  expect(y.interpreter).toBe(backend.eager);
  expect([...y.dataSync()]).toEqual(new Array(20).fill(3));
});

test('without WebAssembly: the reference backend, and one message', () => {
  const { WebAssembly } = globalThis;
  const messages: string[] = [];
  try {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    const backend = fullBackend({ onWarning: (message) => messages.push(message) });
    expect(backend.tensor([1, 2]).interpreter.name).toBe('reference');
    expect(String(backend)).toBe('reference, plain JavaScript');
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', { value: WebAssembly, configurable: true, writable: true });
  }
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(/WebAssembly/);
});

test('an unknown option is refused, one of the backend below too', () => {
  expect(() => fullBackend({ kernels: [] } as never)).toThrow(
    "fullBackend: unknown option 'kernels' (it takes threads, winograd, onWarning)",
  );
});

test('a tree is put where the option says', () => {
  const tree = { a: tensor([1]), b: [tensor([2])] };
  expect(backendOption('reference').put(tree)).toBe(tree);
  const placed = backendOption('wasm', '1').put(tree);
  expect([placed.a, placed.b[0]!].map((t) => [t.interpreter.name, t.item()])).toEqual([
    ['wasm', 1],
    ['wasm', 2],
  ]);
});

test('3×3 convolutions run by Winograd’s algorithm unless it is switched off, and runs are told apart by it', () => {
  const kinds = [undefined, '4', '2', 'off'].map((winograd) => backendOption('wasm', '1', winograd).kind);
  expect(kinds.map((kind) => kind.split(', ').pop())).toEqual([
    'Winograd 4',
    'Winograd 4',
    'Winograd 2',
    'Winograd off',
  ]);
  const y = ([4, 2, false] as const).map((winograd) => {
    const backend = fullBackend({ threads: 1, winograd });
    const [x, w] = [
      [1, 8, 8, 8],
      [8, 8, 3, 3],
    ].map((shape, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return backend.tensor(
        Float32Array.from({ length: size }, (_, k) => Math.sin(k * (i + 1))),
        { shape },
      );
    });
    return run(() => conv2d(x!, w!)).dataSync();
  });
  // Three ways to add up, which round otherwise.
  for (const [one, other] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    expect(y[one]).not.toEqual(y[other]);
  expect(() => backendOption('wasm', '1', '6')).toThrow("--winograd: expected 4, 2 or off, received '6'");
  expect(() => backendOption('reference', undefined, '4')).toThrow(
    '--winograd: the reference backend has no such kernels',
  );
});

test('what the options of a backend refuse', () => {
  for (const [args, message] of [
    [['gpu'], "--backend: expected wasm or reference, received 'gpu'"],
    [['reference', '2'], '--threads: the reference backend has one thread; leave it out'],
    [['wasm', '65'], '--threads: expected at most 64, received 65'],
    [['wasm', '0'], "--threads: expected a whole number of at least 1, received '0'"],
    [['wasm', '1', 'toString'], "--winograd: expected 4, 2 or off, received 'toString'"],
  ] as const)
    expect(() => backendOption(...args)).toThrow(new UserError(message));
  expect(String(backendOption('reference'))).toBe('reference, plain JavaScript');
  expect(backendOption('reference').kind).toBe('reference');
  expect(String(backendOption(undefined, '2'))).toMatch(/^wasm, (relaxed|plain) SIMD, 2 threads$/);
  // The number of threads changes no result.
  expect(backendOption('wasm', '2').kind).toBe(backendOption('wasm', '1').kind);
});

import { add, exp, key, matmul, mul, randomNormal, softmax, sum, tensor, type Tensor } from '@lemmata/tensor';
import { compile } from '@lemmata/compile';
import { expect, test } from 'vitest';
import { wasmBackend } from './wasm.js';

const isolated = globalThis.crossOriginIsolated === true;

const f = (a: Tensor, b: Tensor): Tensor => softmax(add(matmul(a, b), mul(exp(mul(a, 0.1)), 0.5)));

test(`in a page that is ${isolated ? '' : 'not '}cross-origin isolated, it runs ${isolated ? 'with' : 'without'} shared memory, and agrees with the reference`, () => {
  const wasm = wasmBackend({ threads: isolated ? 2 : 1 });
  expect(wasm.features.threads).toBe(isolated);
  expect(wasm.threads).toBe(isolated ? 2 : 1);
  const [a, b] = [randomNormal(key(1), [64, 64]), randomNormal(key(2), [64, 64])];
  const expected = f(a, b).dataSync();
  const [x, y] = [wasm.put(a), wasm.put(b)];
  const program = compile(f);
  for (const result of [f(x, y), program(x, y), program(x, y)]) {
    result.dataSync().forEach((v: number, i: number) => expect(Math.abs(v - expected[i])).toBeLessThan(1e-5));
  }
  wasm.stop();
});

test('threads do not change a bit, and the page’s main thread joins in without sleeping', async () => {
  const one = wasmBackend({ threads: 1 });
  const more = wasmBackend({ threads: isolated ? 3 : 1 });
  const big = randomNormal(key(3), [256, 256]);
  const product = (backend: typeof one): Tensor => {
    const x = backend.put(big);
    return matmul(x, x);
  };
  const expected = product(one).dataSync();
  // Workers start with the first work that is worth sharing: give them time to be there for the last.
  for (let i = 0; i < 5; i++) {
    expect(product(more).dataSync()).toEqual(expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(more.workers).toBe(isolated ? 2 : 0);
  expect(sum(more.put(tensor([1, 2, 3]))).item()).toBe(6);
  more.stop();
});

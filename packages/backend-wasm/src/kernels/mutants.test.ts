import {
  AllFinite,
  amax,
  apply,
  bernoulli,
  concat,
  Embed,
  IndexAdd,
  IndexSelect,
  key,
  logSoftmax,
  permute,
  randomBits,
  randomUniform,
  run,
  softmax,
  split,
  sum,
  tensor,
  type Tensor,
} from '@lemmata/tensor';
import { expect, test } from 'vitest';
import type { WasmKernel } from '../kernel.js';
import { wrongByOne } from '../planted.laws.js';
import { wasmBackend } from '../wasm.js';
import { coreKernels } from './index.js';
import { matmulKernel } from './matmul.js';

function waves(shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => 4 * Math.sin(i * 12.9898 + seed)),
    { shape },
  );
}

const positions = tensor([4, 0, 2, 2], { dtype: 'int32' });
const bad = waves([3, 41], 9).dataSync();
bad[122] = NaN;

/** Of each kernel of the core but the product; what is random has a key of its own. */
const computations: readonly (readonly [inputs: readonly Tensor[], (...inputs: Tensor[]) => readonly Tensor[]])[] = [
  [[waves([5, 77], 1)], (x) => [softmax(x), logSoftmax(x)]],
  [[waves([3, 9, 7], 2)], (x) => [softmax(x, 1), logSoftmax(x, 1), softmax(x, 0)]],
  [[waves([4, 3, 5], 12)], (x) => [softmax(permute(x, [2, 0, 1]))]],
  [[waves([6, 5, 23], 3)], (x) => [0, 1, 2].flatMap((axis) => [sum(x, { axis }), amax(x, { axis })])],
  [[waves([6, 5, 23], 4)], (x) => [sum(x), sum(x, { axis: [0, 2] }), amax(x, { axis: [1, 2] })]],
  [[waves([2, 3, 5], 5), waves([2, 4, 5], 6)], (a, b) => [concat([a, b], 1), ...split(b, [1, 3], 1)]],
  // Neighbours in a row lie apart.
  [
    [waves([4, 3, 5], 13)],
    (x) => [...split(permute(x, [2, 0, 1]), [1, 3], 1), concat([permute(x, [2, 1, 0]), permute(x, [2, 1, 0])], 1)],
  ],
  [[waves([3, 5, 4], 7), positions], (x, at) => apply(IndexSelect, { axis: 1 }, [x, at])],
  [[waves([3, 4, 2], 8), positions], (y, at) => apply(IndexAdd, { axis: 1, size: 5 }, [y, at])],
  [[waves([2, 6], 10)], (x) => apply(Embed, { shape: [3, 13], starts: [1, 2], steps: [1, 2] }, [x])],
  [[key(7)], (k) => [randomBits(k, [37]), randomUniform(k, [37], { low: 2, high: 3 }), bernoulli(k, 0.3, [37])]],
  [[waves([3, 41], 11)], (x) => apply(AllFinite, {}, [x])],
  [[tensor(bad, { shape: [3, 41] })], (x) => apply(AllFinite, {}, [x])],
];
const expected = computations.map(([inputs, compute]) => compute(...inputs).map((t) => t.dataSync()));

/** Results are those of the reference, and nothing is written beside them. */
function law(kernels: readonly WasmKernel[]): void {
  const backend = wasmBackend({ kernels, guards: true, threads: 1, maximumBytes: 2 ** 26 });
  computations.forEach(([inputs, compute], i) => {
    const received = run((...there: Tensor[]) => [...compute(...there)], ...inputs.map((t) => backend.put(t)));
    backend.checkGuards();
    received.forEach((t, k) => {
      const [got, exact] = [t.dataSync(), expected[i]![k]!];
      const at = Array.prototype.findIndex.call(exact, (y: number, j: number) => !(Math.abs(got[j]! - y) <= 1e-5));
      if (at >= 0) throw new Error(`${i}, result ${k}, element ${at}: ${got[at]}, expected ${exact[at]}`);
    });
  });
}

/** What changes no result when it is one too large. */
const HARMLESS = [
  // The outermost of several sizes: the range says where it ends.
  'reduce: kept0',
  'place: size0',
  'elementwise: size0',
  // The last bit of a probability: of 2²⁴ numbers one.
  'bernoulli: last',
];
const harmless = (name: string): boolean => HARMLESS.some((what) => name === `${what} one too large`);

const bugs = wrongByOne(
  coreKernels.filter((kernel) => kernel !== matmulKernel),
  law,
);

test.each(bugs)('of the core: $name', ({ name, kernels }) => {
  if (harmless(name)) law(kernels);
  else expect(() => law(kernels)).toThrow();
});

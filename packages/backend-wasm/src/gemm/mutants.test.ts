import { matmul, run, tensor, type Tensor, transpose } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import type { WasmKernel } from '../kernel.js';
import { matmulKernel } from '../kernels/matmul.js';
import { wrongByOne } from '../planted.laws.js';
import { wasmBackend } from '../wasm.js';

/** Small integers, of which sums of products are exact in float32. */
function integers(shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, (_, i) => ((i * 7919 + seed * 104729) % 15) - 7);
  return tensor(values, { shape });
}

const turned = (rows: number, columns: number, seed: number): Tensor => transpose(integers([columns, rows], seed));
const products: readonly (readonly [Tensor, Tensor])[] = [
  [integers([2, 13, 7], 1), integers([2, 7, 19], 2)],
  [turned(11, 9, 3), turned(9, 10, 4)],
  // Beyond the blocks of rows, of columns and of depth.
  [integers([50, 3], 5), integers([3, 260], 6)],
  [integers([6, 515], 7), integers([515, 9], 8)],
  // Few rows, few columns, in each order of the elements.
  [integers([2, 3, 5], 9), integers([2, 5, 40], 10)],
  [integers([1, 6], 11), turned(6, 17, 12)],
  [integers([9, 6], 13), integers([6, 2], 14)],
];
const expected = products.map(([a, b]) => matmul(a, b).dataSync());

/** Products equal the definition, and nothing is written beside them. */
function law(kernels: readonly WasmKernel[]): void {
  const backend = wasmBackend({ kernels, guards: true, threads: 1, maximumBytes: 2 ** 26 });
  products.forEach(([a, b], i) => {
    const product = run(matmul, backend.put(a), backend.put(b));
    backend.checkGuards();
    expect(product.dataSync()).toEqual(expected[i]);
  });
}

/** They divide the work, and change nothing that is computed. */
const isDivision = (name: string): boolean =>
  ['rowBlock', 'columnBlock', 'depthBlock'].some((field) => name.includes(`: ${field} `));

const bugs = wrongByOne([matmulKernel], law);

test.each(bugs)('of products that are exact on integers: $name', ({ name, kernels }) => {
  if (isDivision(name)) law(kernels);
  else expect(() => law(kernels)).toThrow();
});

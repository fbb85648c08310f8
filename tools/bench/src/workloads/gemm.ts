import { matmul } from '@lemmata/tensor';
import { eagerly } from '../peers/lemmata.js';
import type { Workload } from '../workload.js';

/** Square matrices, a · b. */
const gemm = (size: number): Workload => ({
  id: `gemm${size}`,
  title: `matrix product ${size}³`,
  task: () => ({ kind: 'matmul', size }),
  flops: () => 2 * size ** 3,
  lemmata: (library) => eagerly([library.draw(1, size, size), library.draw(2, size, size)], matmul),
});

export const gemm512: Workload = gemm(512);
export const gemm1024: Workload = gemm(1024);

import type { WasmKernel } from '../kernel.js';
import { allFiniteKernel } from './all-finite.js';
import { indexingKernels } from './indexing.js';
import { matmulKernel } from './matmul.js';
import { placeKernels } from './place.js';
import { randomKernels } from './random.js';
import { reductionKernels } from './reductions.js';
import { softmaxKernels } from './softmax.js';

/** Kernels of the core ops. Elementwise ops have theirs generated. */
export const coreKernels: readonly WasmKernel[] = [
  matmulKernel,
  ...reductionKernels,
  ...softmaxKernels,
  ...placeKernels,
  ...indexingKernels,
  ...randomKernels,
  allFiniteKernel,
];

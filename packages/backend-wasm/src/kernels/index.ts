import type { WasmKernel } from '../kernel.js';
import { matmulKernel } from './matmul.js';

/** Kernels of the core ops. Elementwise ops have theirs generated. */
export const coreKernels: readonly WasmKernel[] = [matmulKernel];

import { wasmBackend } from '@lemmata/backend-wasm';
import { coreKernels } from '@lemmata/backend-wasm/kernels/index';
import { EAGER_REFERENCE } from '@lemmata/tensor';
import { layerKernels } from './inventory.js';
import type { Kernels } from './run-laws.js';

/**
 * From here on, in this thread, what the reference would compute is computed by the kernels of WebAssembly, with zones around
 * every array whose NaN shows in what was computed from them.
 */
export async function onKernels(root: string): Promise<Kernels> {
  const kernels = await layerKernels(root);
  const wasm = wasmBackend({ kernels, threads: 1, maximumBytes: 2 ** 28, guards: true });
  Object.defineProperty(EAGER_REFERENCE, 'backend', { value: wasm.eager.backend });
  return {
    ops: new Set([...coreKernels, ...kernels].map(({ op }) => op.name)),
    checkGuards: () => wasm.checkGuards(),
  };
}

/**
 * Set up for tests: tensors of no other backend, which the reference backend computes, are computed by WebAssembly with the
 * kernels of all layers. Laws and their gradients, compiled programs included, then speak about kernels.
 */
import { afterEach } from 'vitest';
import { wasmBackend } from '../packages/backend-wasm/src/index.ts';
import { EAGER_REFERENCE } from '../packages/tensor/src/index.ts';

const entries = import.meta.glob('../packages/*/src/**/wasm.ts', { eager: true });
const kernels = Object.values(entries).flatMap((entry) =>
  Object.values(entry).filter((list) => Array.isArray(list) && list.every(({ op, stages }) => op && stages)),
);
if (kernels.length === 0) throw new Error('no kernels of layers were found');

// Guard zones are NaN: what a kernel reads beyond its inputs shows in its results, and what it writes there is found.
const guards = globalThis.process?.env.LEMMATA_BENCH !== '1';
const wasm = wasmBackend({ kernels: kernels.flat(), threads: 1, maximumBytes: 2 ** 28, guards });
Object.defineProperty(EAGER_REFERENCE, 'backend', { value: wasm.eager.backend });
afterEach(() => wasm.checkGuards());

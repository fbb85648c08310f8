/**
 * Set up for tests: tensors of no other backend, which the reference backend computes, are computed by WebAssembly with the
 * kernels of all layers. Laws and their gradients, compiled programs included, then speak about kernels.
 */
import { afterEach } from 'vitest';
import { wasmBackend } from '../packages/backend-wasm/src/index.ts';
import { coreKernels } from '../packages/backend-wasm/src/kernels/index.ts';
import { add, EAGER_REFERENCE } from '../packages/tensor/src/index.ts';

const entries = import.meta.glob('../packages/*/src/**/wasm.ts', { eager: true });
const kernels = Object.values(entries).flatMap((entry) =>
  Object.values(entry).filter((list) => Array.isArray(list) && list.every(({ op, stages }) => op && stages)),
);
if (kernels.length === 0) throw new Error('no kernels of layers were found');

// This file is run before each file of tests. As long as no source has changed the backend stays, with what it has compiled.
const KEPT = Symbol.for('@lemmata/WebAssembly of tests');
const sources = [EAGER_REFERENCE, wasmBackend, ...coreKernels, ...kernels.flat()];
const kept = globalThis[KEPT];
const same = kept?.sources.length === sources.length && sources.every((source, i) => source === kept.sources[i]);
const { wasm } = same ? kept : (globalThis[KEPT] = { sources, wasm: await started() });

async function started() {
  // In a page that may share memory two threads compute, and share all that has two units: the tensors of laws are small.
  const threads = globalThis.crossOriginIsolated ? 2 : 1;
  const alwaysShared = (kernel) => ({
    ...kernel,
    stages: (attrs, call) => kernel.stages(attrs, call).map((stage) => ({ ...stage, work: 1e9 })),
  });
  const all = threads === 1 ? kernels.flat() : [...kernels.flat(), ...coreKernels].map(alwaysShared);

  // Guard zones are NaN: what a kernel reads beyond its inputs shows in its results, and what it writes there is found.
  const guards = globalThis.process?.env.LEMMATA_BENCH !== '1';
  const wasm = wasmBackend({ kernels: all, threads, maximumBytes: 2 ** 28, guards });
  if (threads > 1) {
    const x = wasm.tensor(new Float32Array(400_000));
    for (let i = 0; wasm.workers === 0; i++) {
      if (i === 1000) throw new Error('the second thread has not started');
      add(x, x);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  Object.defineProperty(EAGER_REFERENCE, 'backend', { value: wasm.eager.backend });
  return wasm;
}

afterEach(() => wasm.checkGuards());

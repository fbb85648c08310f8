export { type KernelCode, type Stage, stage, type Target } from './code.js';
export { detectFeatures, type Features } from './features.js';
export { type KernelCall, type WasmKernel } from './kernel.js';
export { coreKernels } from './kernels/index.js';
export { type Placed } from './placed.js';
export { wasmBackend, type Wasm, type WasmOptions } from './wasm.js';

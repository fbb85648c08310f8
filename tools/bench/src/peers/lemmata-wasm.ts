import { wasmBackend, type Wasm, type WasmKernel } from '@lemmata/backend-wasm';

/** The kernels of layers: which export of which entry. Those of core ops come with the backend. */
export const LAYER_KERNELS: readonly { readonly entry: string; readonly name: string }[] = [
  { entry: '@lemmata/layers-conv/conv/wasm', name: 'convKernels' },
  { entry: '@lemmata/layers-norm/batch-norm/wasm', name: 'batchNormKernels' },
  { entry: '@lemmata/layers-pool/max-pool/wasm', name: 'maxPoolKernels' },
  { entry: '@lemmata/layers-pool/average-pool/wasm', name: 'averagePoolKernels' },
  { entry: '@lemmata/layers-resample/interpolate/wasm', name: 'resampleKernels' },
  { entry: '@lemmata/losses/cross-entropy/wasm', name: 'crossEntropyKernels' },
];

/** All kernels of layers that there are; without those of Winograd's algorithm, if it is told so. */
export async function layerKernels(winograd = true): Promise<readonly WasmKernel[]> {
  const lists = await Promise.all(
    LAYER_KERNELS.map(async ({ entry, name }) => {
      const loaded = (await import(entry)) as Readonly<Record<string, readonly WasmKernel[] | undefined>>;
      return loaded[name] ?? Promise.reject(new Error(`${entry} exports no ${name}`));
    }),
  );
  const { winogradKernels } = await import('@lemmata/layers-conv/conv/wasm');
  return [...(winograd ? winogradKernels() : []), ...lists.flat()];
}

/** The WebAssembly backend with {@link layerKernels}. */
export async function openWasm(threads: number, winograd = true): Promise<Wasm> {
  return wasmBackend({ kernels: await layerKernels(winograd), threads });
}

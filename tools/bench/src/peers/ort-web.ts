import { type Adapter, NODE } from '../task.js';
import { prepareOrt } from './ort.js';
import { requirePeer, versionOf } from './peers.js';

/** onnxruntime's WebAssembly build. Inference only. */
export async function open(threads: number): Promise<Adapter> {
  const ort = requirePeer('onnxruntime-web');
  ort.env.wasm.numThreads = threads;
  return {
    engine: `onnxruntime-web ${versionOf('onnxruntime-web')}, ${NODE}`,
    prepare: (task) => prepareOrt(ort, task, { executionProviders: ['wasm'] }),
  };
}

import { type Adapter, NODE } from '../task.js';
import { prepareOrt } from './ort.js';
import { requirePeer, versionOf } from './peers.js';

/** onnxruntime's native build. Inference only. */
export async function open(threads: number): Promise<Adapter> {
  const ort = requirePeer('onnxruntime-node');
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential' };
  return {
    engine: `onnxruntime-node ${versionOf('onnxruntime-node')}, ${NODE}`,
    prepare: (task) => prepareOrt(ort, task, options),
  };
}

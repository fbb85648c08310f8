import { sizeOf } from '@lemmata/shape';
import { fingerprint, stream } from '../data.js';
import type { Prepared, Task } from '../task.js';
import { modelOf } from './onnx.js';

/** Prepares a task as an ONNX model for either build of onnxruntime; `ort` is the module, its types are not installed here. */
export async function prepareOrt(ort: any, task: Task, options: Readonly<Record<string, unknown>>): Promise<Prepared> {
  const model = modelOf(task);
  const session = await ort.InferenceSession.create(model.bytes, options);
  const feeds = Object.fromEntries(
    model.inputs.map(({ seed, shape }, i) => [`x${i}`, new ort.Tensor('float32', stream(seed, sizeOf(shape)), shape)]),
  );
  const times = task.kind === 'small-add' ? task.times : 1;
  return {
    units: times,
    async call() {
      for (let i = 0; i < times; i++) await session.run(feeds);
    },
    async check() {
      const results = await session.run(feeds);
      return fingerprint(results[session.outputNames[0]].data);
    },
  };
}

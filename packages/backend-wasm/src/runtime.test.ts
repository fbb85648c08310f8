import { expect, test } from 'vitest';
import { i32 } from './assembler/index.js';
import { stage, type KernelCode } from './code.js';
import { detectFeatures } from './features.js';
import { Heap } from './memory/heap.js';
import { Runtime } from './runtime.js';

const addOne: KernelCode<'at'> = {
  name: 'addOne',
  fields: ['at'],
  build(f, args) {
    f.do(i32.store(args.at, i32.add(i32.load(args.at), 1)));
  },
};

test('a list of commands may be what makes memory grow', () => {
  const heap = new Heap({ shared: true, maximumBytes: 2 ** 26 });
  const runtime = new Runtime(heap, detectFeatures(), 1);
  const at = runtime.reserve(64, 'a number');
  const stages = Array.from({ length: 4000 }, () => stage(addOne, { at }, 1, 1));
  // Less is left than the commands take.
  while (heap.spareBytes >= 2 ** 16) runtime.reserve(2 ** 14, 'a filling');
  const before = heap.current.byteLength;
  const list = runtime.list(stages);
  expect(heap.current.byteLength).toBeGreaterThan(before);
  list.run(0, stages.length);
  expect(new Int32Array(heap.current, at, 1)[0]).toBe(4000);
});

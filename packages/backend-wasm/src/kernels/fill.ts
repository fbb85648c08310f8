import { sizeOf } from '@lemmata/shape';
import { BYTES_PER_ELEMENT } from '@lemmata/tensor';
import { i32, memory } from '../assembler/index.js';
import { stage, type KernelCode, type Stage } from '../code.js';
import type { Placed } from '../placed.js';

const zeroBytes: KernelCode<'at'> = {
  name: 'zeroBytes',
  fields: ['at'],
  build(f, args, begin, end) {
    f.do(memory.fill(i32.add(args.at, begin), 0, i32.sub(end, begin)));
  },
};

/** Zeros in packed memory. */
export function zeros({ at, shape, dtype }: Placed): Stage {
  return stage(zeroBytes, { at }, sizeOf(shape) * BYTES_PER_ELEMENT[dtype], 0.05);
}

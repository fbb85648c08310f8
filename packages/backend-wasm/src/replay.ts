import { i32, ModuleBuilder, type MemoryType } from './assembler/index.js';
import { KERNEL_PARAMS } from './code.js';

/** A line of a command list: entry in the table, address of the arguments, extent. */
export const COMMAND_WORDS = 3;

/** (list, count) → (): runs the commands of a list one after the other, each over its whole range. */
export function replayModule(memory: MemoryType): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memory, { table: true });
  const kernel = module.type(KERNEL_PARAMS);
  module.function('replay', ['i32', 'i32'], [], (f, list, count) => {
    f.repeat(count, () => {
      f.callIndirect(kernel, i32.load(list), i32.load(list, 4), i32.const(0), i32.load(list, 8));
      f.set(list, i32.add(list, 4 * COMMAND_WORDS));
    });
  });
  return module.bytes();
}

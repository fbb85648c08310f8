import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { i32, type I32 } from '@lemmata/backend-wasm/assembler';

/** A table of the byte offsets `start + Σ index · step` for all indices along `sizes`, the last axis fastest. */
function offsetsCode(rank: number): KernelCode {
  const fields = ['to', 'start'];
  for (let axis = 0; axis < rank; axis++) fields.push(`size${axis}`, `step${axis}`);
  return {
    name: `conv.offsets ${rank}`,
    fields,
    build(f, args) {
      const to = f.let(args.to);
      const walk = (axis: number, from: I32): void => {
        const offset = f.let(from);
        f.repeat(f.let(args[`size${axis}`]), () => {
          if (axis === rank - 1) {
            f.do(i32.store(to, offset));
            f.set(to, i32.add(to, 4));
          } else walk(axis + 1, offset);
          f.set(offset, i32.add(offset, args[`step${axis}`]));
        });
      };
      walk(0, args.start);
    },
  };
}

const codes: KernelCode[] = [];

/** Writes the table at `to`; steps and start in elements of 4 bytes. */
export function offsetsStage(to: number, sizes: readonly number[], steps: readonly number[], start = 0): Stage {
  const rank = sizes.length;
  const args: Record<string, number> = { to, start: 4 * start };
  sizes.forEach((size, axis) => (args[`size${axis}`] = size));
  steps.forEach((step, axis) => (args[`step${axis}`] = 4 * step));
  // One unit, so that threads do not share it.
  return stage((codes[rank] ??= offsetsCode(rank)), args, 1, 1);
}

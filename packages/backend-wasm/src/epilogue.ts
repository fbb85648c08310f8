import { sizeOf } from '@lemmata/shape';
import { i32 } from './assembler/index.js';
import type { KernelCode, Stage } from './code.js';
import { elementwiseProgram, elementwiseStage } from './elementwise/kernel.js';
import type { Placed } from './placed.js';
import type { ScalarExpr } from '@lemmata/tensor';

/** The stages of an op, and then `expr` in the place of its first output, which is input 0; see `Epilogue` of the tensor package. */
export function withEpilogue(
  stages: readonly Stage[],
  expr: ScalarExpr,
  output: Placed,
  further: readonly Placed[],
  name: string,
): readonly Stage[] {
  const inputs = [output, ...further];
  const program = elementwiseProgram(
    expr,
    inputs.map(({ dtype }) => dtype),
    output.dtype,
    name,
  );
  const then = elementwiseStage(program, inputs, output);
  const last = stages[stages.length - 1];
  if (last?.code.runs === undefined) return [...stages, then];
  const work = last.work + (then.work * sizeOf(output.shape)) / Math.max(1, last.extent);
  const args = { ...last.args };
  for (const field of then.code.fields) args[behind(field)] = then.args[field];
  return [...stages.slice(0, -1), { code: inOne(last.code, then.code), args, extent: last.extent, work }];
}

/** Arguments of the epilogue, behind those of the kernel. */
const behind = (field: string): string => `then.${field}`;

/** Unit by unit: the kernel's own code, and the other's on what the unit has completed. */
function inOne(code: KernelCode, then: KernelCode): KernelCode {
  return {
    name: `${code.name} > ${then.name}`,
    fields: [...code.fields, ...then.fields.map(behind)],
    calls: [...(code.calls ?? []), ...(then.calls ?? [])],
    build(f, args, begin, end, target) {
      const thenArgs = Object.fromEntries(then.fields.map((field) => [field, args[behind(field)]]));
      f.range(begin, end, 1, (unit) => {
        code.build(f, args, f.let(unit), f.let(i32.add(unit, 1)), target);
        code.runs!(f, args, f.let(unit), (from, to) => then.build(f, thenArgs, f.let(from), f.let(to), target));
      });
    },
  };
}

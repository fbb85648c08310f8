import { sizeOf } from '@lemmata/shape';
import { input, type ScalarExpr } from '../expr.js';
import type { View } from '../layout.js';
import type { OpDef } from '../op.js';
import { BYTES_PER_ELEMENT, createArray, type DType, type TypedArray } from '../spec.js';
import { reader, Writer, type Reader } from './chunks.js';
import { castLoop, loopOf, type Loop } from './loops.js';
import { CHUNK, FLOAT32_LOOPS, slotArray, SLOTS, slotStart, type SlotLoop } from './registers.js';
import { SignatureCache } from './signature.js';
import { scalarValues, type ScalarValue } from './values.js';

/** One loop over a chunk. */
class Instruction {
  private readonly fast: SlotLoop | undefined;
  private readonly loop: Loop;
  private readonly arrays: readonly [TypedArray, TypedArray, TypedArray, TypedArray];
  private readonly starts: readonly [number, number, number, number];

  constructor(loop: Loop, fast: SlotLoop | undefined, out: Register, args: readonly Register[]) {
    const [a, b = a, c = a] = args;
    const all = [out, a, b, c] as const;
    this.loop = loop;
    this.fast = all.every((register) => register.slot < SLOTS) ? fast : undefined;
    this.arrays = [out.array, a.array, b.array, c.array];
    this.starts = [out.start, a.start, b.start, c.start];
  }

  run(n: number): void {
    const { fast, loop, arrays, starts } = this;
    if (fast !== undefined) fast(starts[0], starts[1], starts[2], starts[3], n);
    else loop(arrays[0], arrays[1], arrays[2], arrays[3], n);
  }
}

/** Holds one value of an expression for the elements of a chunk, in its dtype, so that every call rounds as it would alone. */
interface Register {
  readonly slot: number;
  readonly array: TypedArray;
  /** Where it starts in the memory of all registers, in elements. */
  readonly start: number;
}

/** Scalar expressions as a list of loops over registers. */
export class ScalarProgram {
  /** Where a run puts the elements of its inputs; null where the expressions do not read one. */
  readonly inputs: readonly (TypedArray | null)[];
  readonly constants: readonly { readonly array: TypedArray; readonly value: number }[];
  readonly instructions: readonly Instruction[];
  /** Where it finds the results. */
  readonly outputs: readonly TypedArray[];

  /** @throws TypeError, naming `name`, if the expressions are ill-typed. */
  constructor(exprs: readonly ScalarExpr[], inputs: readonly DType[], outputs: readonly DType[], name = 'expression') {
    const { values, results } = scalarValues(exprs, inputs, outputs, name);
    const registers = allocate(values, results);
    this.inputs = inputs.map((_, index) => {
      const at = values.findIndex(({ expr }) => expr.kind === 'input' && expr.index === index);
      return at < 0 ? null : registers[at].array;
    });
    this.constants = values.flatMap(({ expr, dtype }, at) => {
      if (expr.kind !== 'const') return [];
      return [{ array: registers[at].array, value: dtype === 'bool' ? Number(expr.value !== 0) : expr.value }];
    });
    this.instructions = values.flatMap((value, at) => {
      if (value.args.length === 0) return [];
      const args = value.args.map((arg) => registers[arg]);
      return [instruction(value, registers[at], args)];
    });
    this.outputs = results.map((at) => registers[at].array);
  }

  run(inputs: readonly View[], outputs: readonly View[]): void {
    new BoundProgram(this, inputs, outputs).run();
  }

  /** The program on these views, ready to be run again and again without allocating. */
  bind(inputs: readonly View[], outputs: readonly View[]): () => void {
    const bound = new BoundProgram(this, inputs, outputs);
    return () => bound.run();
  }
}

function instruction({ expr, dtype, operand }: ScalarValue, out: Register, args: readonly Register[]): Instruction {
  if (expr.kind !== 'call') return new Instruction(castLoop(dtype), undefined, out, args);
  return new Instruction(
    loopOf(expr.fn, operand),
    operand === 'float32' ? FLOAT32_LOOPS[expr.fn] : undefined,
    out,
    args,
  );
}

/** A register for each value; a value takes that of another which no later one reads. */
function allocate(values: readonly ScalarValue[], results: readonly number[]): Register[] {
  const lastRead = new Array<number>(values.length).fill(-1);
  values.forEach(({ args }, at) => args.forEach((arg) => (lastRead[arg] = at)));
  // Inputs and constants are there before anything is computed, constants longer than one chunk.
  const early = (at: number): boolean => values[at].args.length === 0;
  values.forEach(({ expr }, at) => {
    if (expr.kind === 'const') lastRead[at] = Infinity;
  });
  for (const at of results) lastRead[at] = Infinity;
  const slots = new Array<number>(values.length);
  const free: number[] = [];
  let used = 0;
  values.forEach((_, at) => {
    if (early(at)) slots[at] = used++;
  });
  values.forEach(({ args }, at) => {
    if (early(at)) return;
    slots[at] = free.pop() ?? used++;
    for (const arg of new Set(args)) if (lastRead[arg] === at) free.push(slots[arg]);
  });
  return values.map(({ dtype }, at) => {
    const slot = slots[at];
    const inside = slot < SLOTS;
    return {
      slot,
      array: inside ? slotArray(dtype, slot) : createArray(dtype, CHUNK),
      start: inside ? slotStart(slot, BYTES_PER_ELEMENT[dtype]) : 0,
    };
  });
}

/** A program with the memory that it reads and writes. */
class BoundProgram {
  private readonly program: ScalarProgram;
  private readonly size: number;
  private readonly readers: Reader[] = [];
  private readonly writers: Writer[] = [];

  constructor(program: ScalarProgram, inputs: readonly View[], outputs: readonly View[]) {
    this.program = program;
    this.size = sizeOf(outputs[0].shape);
    for (let i = 0; i < inputs.length; i++) {
      const register = program.inputs[i];
      if (register !== null) this.readers.push(reader(inputs[i], register, this.size));
    }
    for (let k = 0; k < outputs.length; k++) this.writers.push(new Writer(outputs[k], program.outputs[k], this.size));
  }

  run(): void {
    const { program, readers, writers, size } = this;
    const { constants, instructions } = program;
    for (let k = 0; k < constants.length; k++) constants[k].array.fill(constants[k].value, 0, Math.min(CHUNK, size));
    for (let start = 0; start < size; start += CHUNK) {
      const n = Math.min(CHUNK, size - start);
      // All is read before anything is written: an output may take the memory of an input.
      for (let k = 0; k < readers.length; k++) readers[k].read(start, n);
      for (let k = 0; k < instructions.length; k++) instructions[k].run(n);
      for (let k = 0; k < writers.length; k++) writers[k].write(start, n);
    }
  }
}

/** The program of an elementwise op for inputs of these dtypes; made once. */
const programs: SignatureCache<ScalarProgram> = new SignatureCache((op, attrs, inputs) => {
  const expr = op.expr!(attrs, ...inputs.map((_, i) => input(i)));
  return new ScalarProgram(
    [expr],
    inputs,
    [op.infer(attrs, ...inputs.map((dtype) => ({ shape: [], dtype })))[0].dtype],
    op.name,
  );
});

/** The program of an elementwise op for inputs of these dtypes, made once. */
export function scalarProgram<A>(op: OpDef<A>, attrs: A, inputs: readonly { readonly dtype: DType }[]): ScalarProgram {
  return programs.get(op, attrs, inputs);
}

import { sizeOf } from '@lemmata/shape';
import { input, type ScalarExpr } from '../expr.js';
import { collapse, isContiguous, isUniform, type View } from '../layout.js';
import type { OpDef } from '../op.js';
import { createArray, type DType, type TypedArray } from '../spec.js';
import { castLoop, copyLoop, loopOf, type Loop } from './loops.js';
import { SignatureCache } from './signature.js';
import { exprTypes, operandType, type ExprTypes } from './types.js';

/** Elements handled at a time: the registers of an expression stay in the first-level cache. */
const CHUNK = 1024;

/** One loop over a chunk, between registers given by number. */
interface Instruction {
  readonly loop: Loop;
  readonly out: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * Scalar expressions as a list of loops over registers of {@link CHUNK} elements. Registers have the dtype of what they
 * hold, so that every call rounds as it would alone. They belong to the program: it is run to its end before it is run again.
 */
export class ScalarProgram {
  readonly inputs: readonly DType[];
  readonly outputs: readonly DType[];
  readonly instructions: Instruction[] = [];
  /** Register number of each output. */
  readonly results: readonly number[];
  /** One array a register; those of the inputs come first, and are null: a run brings its own. */
  readonly registers: (TypedArray | null)[];

  /** @throws TypeError, naming `name`, if the expressions are ill-typed. */
  constructor(exprs: readonly ScalarExpr[], inputs: readonly DType[], outputs: readonly DType[], name = 'expression') {
    this.inputs = inputs;
    this.outputs = outputs;
    this.registers = inputs.map(() => null);
    const emitter = new Emitter(this, exprTypes(exprs, inputs, name), name);
    this.results = exprs.map((expr, k) => emitter.emit(expr, outputs[k]));
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

/** Turns expressions into instructions, equal ones into one. */
class Emitter {
  private readonly program: ScalarProgram;
  private readonly types: ExprTypes;
  private readonly name: string;
  private readonly byNode = new Map<ScalarExpr, number>();
  private readonly byText = new Map<string, number>();

  constructor(program: ScalarProgram, types: ExprTypes, name: string) {
    this.program = program;
    this.types = types;
    this.name = name;
  }

  /** The register of `expr`; where its dtype is open, it takes `context`. */
  emit(expr: ScalarExpr, context: DType): number {
    if (expr.kind === 'input') return expr.index;
    const open = this.types.get(expr) === null;
    const seen = open ? undefined : this.byNode.get(expr);
    if (seen !== undefined) return seen;
    const register = this.emitNode(expr, this.types.get(expr) ?? context);
    if (!open) this.byNode.set(expr, register);
    return register;
  }

  private emitNode(expr: Exclude<ScalarExpr, { kind: 'input' }>, dtype: DType): number {
    if (expr.kind === 'cast' && expr.args[0].kind === 'const') return this.emitNode(expr.args[0], dtype);
    if (expr.kind === 'const') {
      const text = `${dtype} ${Object.is(expr.value, -0) ? '-0' : expr.value}`;
      return this.once(text, dtype, (out) => void this.program.registers[out]!.fill(dtype === 'bool' ? Number(expr.value !== 0) : expr.value));
    }
    let args: number[];
    let loop: Loop;
    if (expr.kind === 'cast') {
      args = [this.emit(expr.args[0], dtype)];
      loop = castLoop(dtype);
    } else {
      const { fn } = expr;
      const operand = operandType(this.name, fn, expr.args.map((arg) => this.types.get(arg)!)) ?? dtype;
      args = expr.args.map((arg, i) => this.emit(arg, fn === 'select' && i === 0 ? 'bool' : operand));
      loop = loopOf(fn, operand);
    }
    const text = `${expr.kind === 'cast' ? 'cast' : expr.fn} ${dtype} ${args.join()}`;
    return this.once(text, dtype, (out) => {
      this.program.instructions.push({ loop, out, a: args[0], b: args[1] ?? args[0], c: args[2] ?? args[0] });
    });
  }

  private once(text: string, dtype: DType, make: (register: number) => void): number {
    let register = this.byText.get(text);
    if (register === undefined) {
      register = this.program.registers.push(createArray(dtype, CHUNK)) - 1;
      this.byText.set(text, register);
      make(register);
    }
    return register;
  }
}

/** A program with the memory that it reads and writes. */
class BoundProgram {
  private readonly instructions: readonly Instruction[];
  private readonly size: number;
  /** For each register its memory, where that starts, and 1 if it is a whole view, along which the chunks move. */
  private readonly data: TypedArray[];
  private readonly base: number[] = [];
  private readonly moves: number[] = [];
  private readonly gathers: Gather[] = [];

  constructor({ instructions, registers, results, inputs: dtypes }: ScalarProgram, inputs: readonly View[], outputs: readonly View[]) {
    this.size = sizeOf(outputs[0].shape);
    this.instructions = instructions;
    this.data = registers.slice() as TypedArray[];
    for (let k = 0; k < registers.length; k++) {
      this.base.push(0);
      this.moves.push(0);
    }
    for (let i = 0; i < dtypes.length; i++) {
      const view = inputs[i];
      if (isContiguous(view)) this.place(i, view);
      else {
        this.data[i] = createArray(view.dtype, Math.min(CHUNK, this.size));
        this.gathers.push(isUniform(view) ? new Fill(view, this.data[i]) : new Walk(view, this.data[i]));
      }
    }
    // One output that is computed last is written where it belongs. Others are copied there after everything is
    // computed, since an output may take the memory of an input.
    const last = instructions.length - 1;
    if (outputs.length === 1 && last >= 0 && instructions[last].out === results[0]) {
      this.place(results[0], outputs[0]);
      return;
    }
    // An output that is an input as it stands goes through a register: another output may take that input's memory.
    const copies: Instruction[] = [];
    const copy = (from: number, out: number): void => void copies.push({ loop: copyLoop, out, a: from, b: from, c: from });
    const staged = results.map((register, k) => {
      if (outputs.length === 1 || register >= dtypes.length) return register;
      copy(register, this.data.push(createArray(outputs[k].dtype, Math.min(CHUNK, this.size))) - 1);
      this.base.push(0);
      this.moves.push(0);
      return this.data.length - 1;
    });
    outputs.forEach((view, k) => {
      copy(staged[k], this.data.length);
      this.place(this.data.length, view);
    });
    this.instructions = [...instructions, ...copies];
  }

  private place(register: number, view: View): void {
    this.data[register] = view.data;
    this.base[register] = view.offset;
    this.moves[register] = 1;
  }

  run(): void {
    const { instructions, gathers, data, base, moves, size } = this;
    for (let start = 0; start < size; start += CHUNK) {
      const n = Math.min(CHUNK, size - start);
      for (let g = 0; g < gathers.length; g++) gathers[g].next(n, start === 0);
      for (let k = 0; k < instructions.length; k++) {
        const { loop, out, a, b, c } = instructions[k];
        loop(
          data[out], moves[out] * start + base[out],
          data[a], moves[a] * start + base[a],
          data[b], moves[b] * start + base[b],
          data[c], moves[c] * start + base[c],
          n,
        );
      }
    }
  }
}

/** Brings the next elements of a view that is not contiguous into a register. */
interface Gather {
  next(n: number, first: boolean): void;
}

/** A view whose elements are all the same one. */
class Fill implements Gather {
  private readonly view: View;
  private readonly register: TypedArray;

  constructor(view: View, register: TypedArray) {
    this.view = view;
    this.register = register;
  }

  next(_n: number, first: boolean): void {
    if (first) this.register.fill(this.view.data[this.view.offset]);
  }
}

/** Any strided view, in row-major order. */
class Walk implements Gather {
  private readonly view: View;
  private readonly register: TypedArray;
  private readonly shape: readonly number[];
  private readonly strides: readonly number[];
  private readonly index: Int32Array;
  private at = 0;

  constructor(view: View, register: TypedArray) {
    const merged = collapse(view.shape, view.strides);
    this.view = view;
    this.register = register;
    this.shape = merged.shape;
    this.strides = merged.strides[0];
    this.index = new Int32Array(this.shape.length);
  }

  next(n: number, first: boolean): void {
    const { register, shape, strides, index } = this;
    const { data } = this.view;
    if (first) {
      index.fill(0);
      this.at = this.view.offset;
    }
    const inner = shape.length - 1;
    const step = strides[inner];
    let { at } = this;
    for (let i = 0; i < n; ) {
      const end = i + Math.min(n - i, shape[inner] - index[inner]);
      index[inner] += end - i;
      if (step === 0) register.fill(data[at], i, end);
      else for (; i < end; i++, at += step) register[i] = data[at];
      i = end;
      for (let axis = inner; axis > 0 && index[axis] === shape[axis]; axis--) {
        at += strides[axis - 1] - strides[axis] * shape[axis];
        index[axis] = 0;
        index[axis - 1]++;
      }
    }
    this.at = at;
  }
}

/** The program of an elementwise op for inputs of these dtypes; made once. */
const programs: SignatureCache<ScalarProgram> = new SignatureCache((op, attrs, inputs) => {
  const expr = op.expr!(attrs, ...inputs.map((_, i) => input(i)));
  return new ScalarProgram([expr], inputs, [op.infer(attrs, ...inputs.map((dtype) => ({ shape: [], dtype })))[0].dtype], op.name);
});

export function scalarProgram<A>(op: OpDef<A>, attrs: A, inputs: readonly { readonly dtype: DType }[]): ScalarProgram {
  return programs.get(op, attrs, inputs);
}

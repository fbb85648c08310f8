import { sizeOf } from '@lemmata/shape';
import type { ScalarExpr } from '../expr.js';
import { input } from '../expr.js';
import { collapse, isContiguous, isUniform, type View } from '../layout.js';
import { attrsKey, type OpDef } from '../op.js';
import { createArray, type DType, type TypedArray } from '../spec.js';
import { exprDType } from './functions.js';
import { castLoop, loopOf, type Loop } from './loops.js';

/** Elements handled at a time: the registers of an expression stay in the first-level cache. */
const CHUNK = 1024;

interface Instruction {
  readonly loop: Loop;
  readonly out: number;
  readonly args: readonly [number, number, number];
}

/**
 * Scalar expressions as a list of loops over registers of {@link CHUNK} elements. Registers have the dtype of what they
 * hold, so that every call rounds as it would alone.
 */
export class ScalarProgram {
  private readonly inputs: readonly DType[];
  private readonly instructions: Instruction[] = [];
  /** Register number of each output. */
  private readonly results: number[];
  /** One array a register; inputs come first and theirs are made when a view must be gathered. */
  private readonly registers: (TypedArray | null)[];

  constructor(exprs: readonly ScalarExpr[], inputs: readonly DType[], outputs: readonly DType[]) {
    this.inputs = inputs;
    this.registers = inputs.map(() => null);
    const known = new Map<ScalarExpr, number>();
    this.results = exprs.map((expr, k) => this.emit(expr, outputs[k], known));
  }

  private register(dtype: DType): number {
    return this.registers.push(createArray(dtype, CHUNK)) - 1;
  }

  /** Emits what computes `expr`; a constant takes the dtype `context`. */
  private emit(expr: ScalarExpr, context: DType, known: Map<ScalarExpr, number>): number {
    if (expr.kind === 'input') return expr.index;
    if (expr.kind === 'const') {
      const out = this.register(context);
      this.registers[out]!.fill(expr.value);
      return out;
    }
    const seen = known.get(expr);
    if (seen !== undefined) return seen;
    let args: number[];
    let dtype: DType;
    let loop: Loop;
    if (expr.kind === 'cast') {
      const [arg] = expr.args;
      dtype = expr.dtype;
      args = [this.emit(arg, exprDType(arg, this.inputs) ?? dtype, known)];
      loop = castLoop(dtype);
    } else {
      dtype = exprDType(expr, this.inputs) ?? context;
      const operand = expr.args.reduce<DType | null>((d, arg, i) => (expr.fn === 'select' && i === 0 ? d : (d ?? exprDType(arg, this.inputs))), null);
      args = expr.args.map((arg, i) => {
        const own = expr.fn === 'select' && i === 0 ? 'bool' : (operand ?? context);
        return this.emit(arg, exprDType(arg, this.inputs) ?? own, known);
      });
      loop = loopOf(expr.fn, operand ?? context);
    }
    const out = this.register(dtype);
    this.instructions.push({ loop, out, args: [args[0], args[1] ?? args[0], args[2] ?? args[0]] });
    known.set(expr, out);
    return out;
  }

  run(inputs: readonly View[], outputs: readonly View[]): void {
    this.bind(inputs, outputs)();
  }

  /** The program on these views, ready to be run again and again. */
  bind(inputs: readonly View[], outputs: readonly View[]): () => void {
    const size = sizeOf(outputs[0].shape);
    if (size === 0) return () => {};
    const { instructions, registers, results } = this;
    const data: TypedArray[] = registers.slice() as TypedArray[];
    const base = new Array<number>(registers.length).fill(0);
    /** 1 where a register is the memory of a view and moves along with the chunks. */
    const moves = new Array<number>(registers.length).fill(0);
    const gathers: ((n: number, first: boolean) => void)[] = [];

    inputs.forEach((view, i) => {
      if (isContiguous(view)) {
        data[i] = view.data;
        base[i] = view.offset;
        moves[i] = 1;
        return;
      }
      const register = (data[i] = createArray(view.dtype, Math.min(CHUNK, size)));
      gathers.push(isUniform(view) ? fill(view, register) : gather(view, register));
    });

    // One output that is computed last is written where it belongs; others are copied there, since a later
    // instruction may still read an input whose memory they take.
    const copies: [from: number, to: View][] = [];
    const last = instructions.length - 1;
    outputs.forEach((view, k) => {
      const register = results[k];
      if (outputs.length === 1 && last >= 0 && instructions[last].out === register) {
        data[register] = view.data;
        base[register] = view.offset;
        moves[register] = 1;
      } else copies.push([register, view]);
    });

    return () => {
      for (let start = 0; start < size; start += CHUNK) {
        const n = Math.min(CHUNK, size - start);
        for (let g = 0; g < gathers.length; g++) gathers[g](n, start === 0);
        for (let k = 0; k < instructions.length; k++) {
          const { loop, out, args: [a, b, c] } = instructions[k];
          loop(
            data[out], moves[out] * start + base[out],
            data[a], moves[a] * start + base[a],
            data[b], moves[b] * start + base[b],
            data[c], moves[c] * start + base[c],
            n,
          );
        }
        for (let k = 0; k < copies.length; k++) {
          const [from, to] = copies[k];
          const p = moves[from] * start + base[from];
          const o = to.offset + start;
          for (let i = 0; i < n; i++) to.data[o + i] = data[from][p + i];
        }
      }
    };
  }
}

function fill(view: View, register: TypedArray): (n: number, first: boolean) => void {
  return (_n, first) => {
    if (first) register.fill(view.data[view.offset]);
  };
}

/** Reads the next n elements of a strided view, in row-major order. */
function gather(view: View, register: TypedArray): (n: number, first: boolean) => void {
  const { shape, strides: [strides] } = collapse(view.shape, view.strides);
  const { data, offset } = view;
  const inner = shape.length - 1;
  const index = new Int32Array(shape.length);
  let at = offset;
  return (n, first) => {
    if (first) {
      index.fill(0);
      at = offset;
    }
    for (let i = 0; i < n; ) {
      const step = strides[inner];
      const count = Math.min(n - i, shape[inner] - index[inner]);
      for (let k = 0; k < count; k++, i++, at += step) register[i] = data[at];
      index[inner] += count;
      for (let axis = inner; axis > 0 && index[axis] === shape[axis]; axis--) {
        at += strides[axis - 1] - strides[axis] * shape[axis];
        index[axis] = 0;
        index[axis - 1]++;
      }
    }
  };
}

const programs = new WeakMap<OpDef, Map<string, ScalarProgram>>();

/** The program of an elementwise op for inputs of these dtypes; made once. */
export function scalarProgram<A>(op: OpDef<A>, attrs: A, inputs: readonly { readonly dtype: DType }[], output: DType): ScalarProgram {
  let ofOp = programs.get(op);
  if (ofOp === undefined) programs.set(op, (ofOp = new Map()));
  let key = attrsKey(attrs);
  for (const { dtype } of inputs) key += dtype;
  let program = ofOp.get(key);
  if (program === undefined) {
    const expr = op.expr!(attrs, ...inputs.map((_, i) => input(i)));
    program = new ScalarProgram([expr], inputs.map(({ dtype }) => dtype), [output]);
    ofOp.set(key, program);
  }
  return program;
}

import { sizeOf } from '@lemmata/shape';
import { partsOf, type Backend, type Block, type BoundOp, type Sequence, type Storage } from '../backend.js';
import { Eager } from '../eager.js';
import { ScalarProgram, scalarProgram } from '../elementwise/program.js';
import { isContiguous, packInto, packedView, pack, type View } from '../layout.js';
import type { OpDef } from '../op.js';
import { createArray, type DType, type Spec } from '../spec.js';
import { Memory } from './memory.js';

/** Pure TypeScript: runs each op by its own `expr` or `reference`. The definition that other backends are held against. */
export class ReferenceBackend implements Backend {
  readonly name = 'reference';
  readonly memory: Memory = new Memory();

  allocate(dtype: DType, length: number, madeBy: string): Storage {
    return this.memory.allocate(dtype, length, madeBy);
  }

  reserve(bytes: number): Block {
    return { buffer: new ArrayBuffer(bytes), byteOffset: 0, bytes };
  }

  open(): (keep: ReadonlySet<Storage>) => void {
    return this.memory.open();
  }

  executes<A>(op: OpDef<A>, _attrs: A, _specs: readonly Spec[]): boolean {
    return op.expr !== undefined || op.reference !== undefined;
  }

  takesEpilogue<A>(op: OpDef<A>): boolean {
    return op.reference !== undefined;
  }

  takesPrologue<A>(op: OpDef<A>): boolean {
    return op.reference !== undefined;
  }

  execute<A>(op: OpDef<A>, attrs: A, inputs: readonly View[], outputs: readonly View[]): void {
    if (op.expr !== undefined) {
      scalarProgram(op, attrs, inputs).run(inputs, outputs);
    } else {
      op.reference!(attrs, op.strided ? inputs : inputs.map(pack), outputs);
    }
  }

  sequence(lines: readonly BoundOp[]): Sequence {
    const steps = lines.map(prepare);
    return {
      run() {
        for (let i = 0; i < steps.length; i++) steps[i]();
      },
      runLine: (index) => steps[index](),
    };
  }
}

/** An op by its own `expr` or `reference`, with its prologue or epilogue or several times as the op may be, bound to its views. */
export function prepare(bound: BoundOp): () => void {
  const { op, attrs, inputs, outputs } = bound;
  if (op.sideBySide !== undefined) {
    const runs = partsOf(bound).map(prepare);
    return () => {
      for (const run of runs) run();
    };
  }
  if (op.epilogue !== undefined) {
    const { of, arity, expr } = op.epilogue;
    const operands = [outputs[0], ...inputs.slice(arity)];
    const dtypes = operands.map(({ dtype }) => dtype);
    const first = prepare({ op: of, attrs, inputs: inputs.slice(0, arity), outputs });
    const then = new ScalarProgram([expr], dtypes, dtypes.slice(0, 1), op.name).bind(operands, outputs.slice(0, 1));
    return () => {
      first();
      then();
    };
  }
  if (op.prologue !== undefined) {
    const { of, expr, dtype } = op.prologue;
    const spec = { shape: inputs[0].shape, dtype };
    const made = packedView(spec, createArray(dtype, sizeOf(spec.shape)));
    const dtypes = inputs.map((view) => view.dtype);
    const first = new ScalarProgram([expr], dtypes, [dtype], op.name).bind(inputs, [made]);
    const then = prepare({ op: of, attrs, inputs: [made], outputs });
    return () => {
      first();
      then();
    };
  }
  if (op.expr !== undefined) return scalarProgram(op, attrs, inputs).bind(inputs, outputs);
  if (op.strided) return () => op.reference!(attrs, inputs, outputs);
  // Strided inputs are packed anew at each run, into memory that is there from the start.
  const packs: (() => void)[] = [];
  const packed = inputs.map((view) => {
    if (isContiguous(view)) return pack(view);
    const data = createArray(view.dtype, sizeOf(view.shape));
    packs.push(() => packInto(view, data));
    return packedView(view, data);
  });
  return () => {
    for (const run of packs) run();
    op.reference!(attrs, packed, outputs);
  };
}

/** The backend of tensors that no other backend made. */
export const REFERENCE: ReferenceBackend = new ReferenceBackend();
export const EAGER_REFERENCE: Eager = new Eager(REFERENCE, 0);

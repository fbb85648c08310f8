import type { ScalarExpr } from './expr.js';
import type { View } from './layout.js';
import type { OpDef } from './op.js';
import type { DType, Spec, TypedArray } from './spec.js';

/** A piece of a backend's memory. Views share it; it is freed by the lifetime that allocated it, or by the collector. */
export interface Storage {
  /** Null once its lifetime has ended. */
  data: TypedArray | null;
  readonly length: number;
  readonly dtype: DType;
  /** The op that made it, for messages. */
  readonly madeBy: string;
  /** Why `data` is null, if not because its lifetime ended. */
  fate?: string | undefined;
}

/** Memory that its holder keeps as long as it wants: compiled programs lay their values into it. */
export interface Block {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly bytes: number;
}

/** One op bound to its views: outputs are packed, and may be the memory of an input of the same dtype and size if the op is elementwise. */
export interface BoundOp<A = any> {
  readonly op: OpDef<A>;
  readonly attrs: A;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
  /** What is known of its inputs from run to run. Default: nothing. */
  readonly kept?: Kept;
}

/** Inputs of an op that stay the same from run to run, and memory for what its backend makes of these alone. */
export interface Kept {
  /** By number. They change only before `Sequence.prepare`. */
  readonly fixed: readonly boolean[];
  /** Set by the backend where it keeps something. Several bindings of one op, of the same fixed inputs, share it. */
  memory?: Block;
}

/** The runs that stand side by side in one op; the op itself where it is none of these. */
export function partsOf(bound: BoundOp): readonly BoundOp[] {
  const { op, attrs, inputs, outputs } = bound;
  if (op.sideBySide === undefined) return [bound];
  const { of, times } = op.sideBySide;
  const part = (views: readonly View[], k: number): View[] => {
    const count = views.length / times;
    return views.slice(k * count, (k + 1) * count);
  };
  return Array.from({ length: times }, (_, k) => ({
    op: of,
    attrs,
    inputs: part(inputs, k),
    outputs: part(outputs, k),
  }));
}

/** Ops in their order, to be run any number of times without allocating. */
export interface Sequence {
  run(): void;
  /** Where something is kept: makes it anew. Called before the first run, and when fixed inputs have changed. */
  prepare?(): void;
  /** Runs one of them alone. */
  runLine(index: number): void;
}

/** Where ops are executed: memory, and the code for one op on views of it. */
export interface Backend {
  readonly name: string;
  /** Memory with arbitrary contents. Inside a lifetime it belongs to the innermost one. */
  allocate(dtype: DType, length: number, madeBy: string): Storage;
  /** Memory outside of all lifetimes, aligned to 16 bytes. */
  reserve(bytes: number): Block;
  /** Opens a lifetime: closing it frees what was allocated since, except `keep`, which moves to the enclosing one. */
  open(): (keep: ReadonlySet<Storage>) => void;
  /** Whether it executes the op as a whole. If not, the op's `define` stands in for it. Must depend on specs alone. */
  executes<A>(op: OpDef<A>, attrs: A, specs: readonly Spec[]): boolean;
  /** Whether it runs the op together with an epilogue (see `OpDef`). Default: it does not. Must depend on specs alone. */
  takesEpilogue?<A>(op: OpDef<A>, attrs: A, specs: readonly Spec[]): boolean;
  /**
   * Whether it runs the op, which reads one value, of this spec, together with the elementwise expression that makes it (see
   * `OpDef`). Default: it does not. Must depend on specs alone.
   */
  takesPrologue?<A>(op: OpDef<A>, attrs: A, spec: Spec, expr: ScalarExpr): boolean;
  /** Binds ops to be run one after the other. */
  sequence(lines: readonly BoundOp[]): Sequence;
  /** Runs the op once. */
  execute<A>(op: OpDef<A>, attrs: A, inputs: readonly View[], outputs: readonly View[]): void;
}

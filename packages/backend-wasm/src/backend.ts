import { contiguousStrides, sizeOf } from '@lemmata/shape';
import {
  BYTES_PER_ELEMENT,
  input,
  isContiguous,
  packInto,
  partsOf,
  packedView,
  prepare,
  REFERENCE,
  SignatureCache,
  type Backend,
  type Block,
  type BoundOp,
  type DType,
  type OpDef,
  type Prologue,
  type ScalarExpr,
  type Sequence,
  type Spec,
  type Storage,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import { once, type Stage } from './code.js';
import { copyStage } from './elementwise/copy.js';
import { elementwiseProgram, elementwiseStage, type ElementwiseProgram } from './elementwise/kernel.js';
import { SmallElementwise } from './elementwise/small.js';
import { withEpilogue } from './epilogue.js';
import type { WasmKernel } from './kernel.js';
import type { Arena } from './memory/arena.js';
import { placed, type Placed } from './placed.js';
import { WORTH_SHARING, type Runtime } from './runtime.js';

const programs = new SignatureCache<ElementwiseProgram>((op, attrs, inputs) => {
  const expr = op.expr!(attrs, ...inputs.map((_, i) => input(i)));
  const [{ dtype }] = op.infer(attrs, ...inputs.map((of): Spec => ({ shape: [], dtype: of })));
  return elementwiseProgram(expr, inputs, dtype, op.name);
});

/** How an op is run: stages that need so much working memory, or null where its definition runs in JavaScript. */
interface Recipe {
  readonly scratch: number;
  /** Bytes that stay from run to run: stages that are marked so write them once. */
  readonly kept?: number;
  readonly stages: (scratch: number, kept?: number) => readonly Stage[];
}

export class WasmBackend implements Backend {
  readonly name = 'wasm';
  private readonly runtime: Runtime;
  private readonly arena: Arena;
  private readonly small: SmallElementwise;
  private readonly kernels: Map<OpDef, WasmKernel[]> = new Map();
  /** Working memory of one op at a time; grows. */
  private scratch = { at: 0, bytes: 0 };

  constructor(runtime: Runtime, arena: Arena, kernels: readonly WasmKernel[]) {
    this.runtime = runtime;
    this.arena = arena;
    this.small = new SmallElementwise(runtime);
    for (const kernel of kernels) {
      const others = this.kernels.get(kernel.op);
      if (others === undefined) this.kernels.set(kernel.op, [kernel]);
      else others.push(kernel);
    }
  }

  allocate(dtype: DType, length: number, madeBy: string): Storage {
    return this.arena.allocate(dtype, length, madeBy);
  }

  reserve(bytes: number): Block {
    const data = this.arena.array('bool', bytes, 'a compiled program');
    return { buffer: data.buffer, byteOffset: data.byteOffset, bytes };
  }

  open(): (keep: ReadonlySet<Storage>) => void {
    return this.arena.open();
  }

  executes<A>(op: OpDef<A>, attrs: A, specs: readonly Spec[]): boolean {
    return REFERENCE.executes(op, attrs, specs) || this.kernelFor(op, attrs, specs) !== null;
  }

  takesEpilogue<A>(op: OpDef<A>, attrs: A, specs: readonly Spec[]): boolean {
    return this.kernelFor(op, attrs, specs)?.epilogue === true;
  }

  takesPrologue<A>(op: OpDef<A>, attrs: A, spec: Spec, expr: ScalarExpr): boolean {
    return this.kernelFor(op, attrs, [spec])?.prologue?.accepts(attrs, spec, expr) === true;
  }

  execute<A>(op: OpDef<A>, attrs: A, inputs: readonly View[], outputs: readonly View[]): void {
    const kernel = this.kernelFor(op, attrs, inputs);
    if (kernel === null && op.expr !== undefined && this.small.run(programs.get(op, attrs, inputs), inputs, outputs[0]))
      return;
    if (kernel === null && op.expr === undefined) {
      REFERENCE.execute(op, attrs, inputs, outputs);
      return;
    }
    // Arrays of the garbage collector's are copied in and out.
    this.arena.turn();
    const borrowed: TypedArray[] = [];
    const borrow = (dtype: DType, length: number): TypedArray => {
      const data = this.arena.array(dtype, length, op.name);
      borrowed.push(data);
      return data;
    };
    try {
      const here = inputs.map((view) => (this.owns(view) ? view : (this.copied(view, op.name) ?? moved(view, borrow))));
      const there = outputs.map((view) =>
        this.owns(view) ? view : packedView(view, borrow(view.dtype, view.data.length)),
      );
      const recipe = this.recipe(kernel, op, attrs, here.map(placed), there.map(placed));
      this.runtime.execute(recipe.stages(this.ensureScratch(recipe.scratch)));
      there.forEach((view, i) => view !== outputs[i] && outputs[i].data.set(view.data));
    } finally {
      for (const data of borrowed) this.arena.release(data);
    }
  }

  sequence(lines: readonly BoundOp[]): Sequence {
    const recipes = lines.map((line) => this.recipeFor(line));
    const scratch = this.ensureScratch(Math.max(0, ...recipes.map((recipe) => recipe?.scratch ?? 0)));
    const made: Stage[] = [];
    const stages = recipes.map((recipe, i) => {
      if (!recipe?.kept) return recipe?.stages(scratch) ?? [];
      const { byteOffset } = (lines[i].kept!.memory ??= this.reserve(recipe.kept));
      const all = recipe.stages(scratch, byteOffset);
      made.push(...all.filter((stage) => stage.once));
      return all.filter((stage) => !stage.once);
    });
    const keeping = this.runtime.list(made);
    const list = this.runtime.list(stages.flat());
    const starts: number[] = [];
    let count = 0;
    const steps = recipes.map((recipe, i): (() => void) => {
      const [first, length] = [count, stages[i].length];
      starts.push(first);
      count += length;
      return recipe === null ? prepare(lines[i]) : () => list.run(first, length);
    });
    // Between two lines that run in JavaScript, all stages are one replay.
    const segments: (() => void)[] = [];
    let first = 0;
    recipes.forEach((recipe, i) => {
      if (recipe !== null) return;
      segments.push(...replay(list, first, starts[i]), steps[i]);
      first = starts[i];
    });
    segments.push(...replay(list, first, count));
    return {
      run() {
        for (let i = 0; i < segments.length; i++) segments[i]();
      },
      prepare: () => keeping.run(0, made.length),
      runLine: (index) => steps[index](),
    };
  }

  /** How a line is run on its views; null where its definition runs in JavaScript. */
  private recipeFor(line: BoundOp): Recipe | null {
    const parts = partsOf(line).map((part) => this.recipeForOne(part));
    if (parts.length === 1) return parts[0];
    const recipes = parts.filter((part) => part !== null);
    return recipes.length < parts.length ? null : sideBySide(recipes);
  }

  private recipeForOne(line: BoundOp): Recipe | null {
    const { op, attrs, inputs, outputs, kept } = line;
    if (op.prologue !== undefined) return this.withPrologue(op.prologue, line);
    const { of, arity } = op.epilogue ?? { of: op, arity: inputs.length };
    const kernel = this.kernelFor(of, attrs, inputs.slice(0, arity));
    if (kernel === null && op.expr === undefined) return null;
    this.needOwn(op, [...inputs, ...outputs]);
    const [here, there] = [inputs.map(placed), outputs.map(placed)];
    const recipe = this.recipe(kernel, of, attrs, here.slice(0, arity), there, kept?.fixed);
    const { epilogue } = op;
    if (epilogue === undefined) return recipe;
    return {
      ...recipe,
      stages: (at, kept) => withEpilogue(recipe.stages(at, kept), epilogue.expr, there[0], here.slice(arity), op.name),
    };
  }

  private withPrologue(prologue: Prologue, { op, attrs, inputs, outputs }: BoundOp): Recipe | null {
    const { of, expr, dtype } = prologue;
    const { shape } = inputs[0];
    const kernel = this.kernelFor(of, attrs, [{ shape, dtype }]);
    if (kernel === null) return null;
    this.needOwn(op, [...inputs, ...outputs]);
    const [here, there] = [inputs.map(placed), outputs.map(placed)];
    const dtypes = inputs.map((view) => view.dtype);
    const program = elementwiseProgram(expr, dtypes, dtype, op.name);
    const fused = kernel.prologue?.stage(attrs, program, here, there[0]) ?? null;
    if (fused !== null) return { scratch: 0, stages: () => [fused] };
    const made = (at: number): Placed => ({ shape, strides: contiguousStrides(shape), dtype, at });
    const recipe = (at: number): Recipe => this.recipe(kernel, of, attrs, [made(at)], there);
    const bytes = align(sizeOf(shape) * BYTES_PER_ELEMENT[dtype]);
    return {
      scratch: bytes + recipe(0).scratch,
      stages: (at) => [elementwiseStage(program, here, made(at)), ...recipe(at).stages(at + bytes)],
    };
  }

  private needOwn(op: OpDef, views: readonly View[]): void {
    if (!views.every((view) => this.owns(view)))
      throw new Error(`wasm: ${op.name} is bound to memory of another backend`);
  }

  private owns(view: View): boolean {
    return view.data.byteOffset !== 0 && this.runtime.heap.owns(view.data.buffer);
  }

  /** The view on a copy of its array that stays, where whole arrays are copied. */
  private copied(view: View, op: string): View | null {
    if (view.data.length > sizeOf(view.shape)) return null;
    const data = this.arena.copyOf(view.data, view.dtype, op);
    return data === null ? null : { ...view, data };
  }

  private kernelFor<A>(op: OpDef<A>, attrs: A, specs: readonly Spec[]): WasmKernel | null {
    const kernels = this.kernels.get(op);
    if (kernels === undefined) return null;
    return kernels.find((kernel) => kernel.accepts(attrs, specs)) ?? null;
  }

  private recipe(
    kernel: WasmKernel | null,
    op: OpDef,
    attrs: unknown,
    inputs: readonly Placed[],
    outputs: readonly Placed[],
    fixed: readonly boolean[] = [],
  ): Recipe {
    if (kernel === null) {
      const stages = [elementwiseStage(programs.get(op, attrs, inputs), inputs, outputs[0])];
      return { scratch: 0, stages: () => stages };
    }
    // The kernel's own working memory comes first, then what it would keep, then copies of inputs that it wants packed.
    const keeps = kernel.keeps?.(attrs, inputs);
    const stays = keeps?.of.every((i) => fixed[i]) === true;
    const own = align(kernel.scratch?.(attrs, inputs) ?? 0);
    let scratch = own + (stays ? 0 : align(keeps?.bytes ?? 0));
    const places = inputs.map((view) => {
      if (kernel.strided || isContiguous({ ...view, offset: 0 })) return null;
      const place = scratch;
      scratch += align(sizeOf(view.shape) * BYTES_PER_ELEMENT[view.dtype]);
      return place;
    });
    return {
      scratch,
      kept: stays ? keeps.bytes : 0,
      stages: (at, kept = at + own) => {
        const packing: Stage[] = [];
        const packed = inputs.map((view, i) => {
          const place = places[i];
          if (place === null) return view;
          const copy: Placed = { ...view, strides: contiguousStrides(view.shape), at: at + place };
          const packs = copyStage(view, copy.at);
          packing.push(stays && keeps.of.includes(i) ? once(packs) : packs);
          return copy;
        });
        return [...packing, ...kernel.stages(attrs, { inputs: packed, outputs, scratch: at, kept })];
      },
    };
  }

  private ensureScratch(bytes: number): number {
    if (bytes > this.scratch.bytes) {
      // Programs keep the addresses that they were given, so that what is there stays.
      const size = Math.max(bytes, 2 * this.scratch.bytes);
      this.scratch = { at: this.runtime.reserve(size, 'working memory of kernels'), bytes: size };
    }
    return this.scratch.at;
  }
}

/** Each with working memory of its own; distributed over threads if there is enough to do. */
function sideBySide(recipes: readonly Recipe[]): Recipe {
  const starts: number[] = [];
  let scratch = 0;
  for (const recipe of recipes) {
    starts.push(scratch);
    scratch += recipe.scratch;
  }
  return {
    scratch,
    stages(at) {
      const parts = recipes.map((recipe, k) => recipe.stages(at + starts[k]));
      const works = parts.map((stages) => stages.reduce((sum, { extent, work }) => sum + extent * work, 0));
      const total = works.reduce((a, b) => a + b, 0);
      if (total < WORTH_SHARING) return parts.flat();
      let done = 0;
      return parts.flatMap((stages, k) => {
        const place = (done + works[k] / 2) / total;
        done += works[k];
        return stages.map((stage, i) => ({ ...stage, beside: { place, opens: k === 0 && i === 0 } }));
      });
    },
  };
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function replay(list: { run(first: number, count: number): void }, from: number, to: number): (() => void)[] {
  return from === to ? [] : [() => list.run(from, to - from)];
}

/** The elements of a view in other memory: as they lie, or packed if that takes less. */
function moved(view: View, borrow: (dtype: DType, length: number) => TypedArray): View {
  const size = sizeOf(view.shape);
  const whole = view.data.length <= size;
  const data = borrow(view.dtype, whole ? view.data.length : size);
  if (whole) {
    data.set(view.data);
    return { ...view, data };
  }
  packInto(view, data);
  return packedView(view, data);
}

import { sizeOf } from '@lemmata/shape';
import {
  arrayOver,
  BYTES_PER_ELEMENT,
  createArray,
  isContiguous,
  isFloat,
  packedView,
  packInto,
  type Backend,
  type Block,
  type DType,
  type Kept,
  type Layout,
  type Sequence,
  type View,
} from '@lemmata/tensor';
import { firstNonFinite, NonFiniteError, userFrame } from './non-finite.js';
import { planMemory, type Plan } from './plan.js';
import { formatLine, type Line, type Program, type ValueId } from './program.js';

/** Memory that all programs of one function lay their values into: they never run at the same time. */
export class SlotPool {
  readonly blocks: Block[] = [];
  private readonly backend: Backend;

  constructor(backend: Backend) {
    this.backend = backend;
  }

  get sizes(): number[] {
    return this.blocks.map((block) => block.bytes);
  }

  /** Blocks of these sizes; those that are there already are as large. */
  ensure(sizes: readonly number[]): void {
    for (let slot = this.blocks.length; slot < sizes.length; slot++)
      this.blocks.push(this.backend.reserve(sizes[slot]));
  }
}

/** Where a program reads its inputs, and where its landings lie. Packed. */
export interface Side {
  readonly inputs: readonly View[];
  readonly landings: readonly View[];
}

/** What is computed, and how. */
export interface Planned {
  readonly program: Program;
  /** Values that are computed where they are to stay: the number of the landing. */
  readonly landings: ReadonlyMap<ValueId, number>;
  /** The value that says whether all results are finite, if anyone asks. */
  readonly check: ValueId | null;
  /** Inputs that stay the same until the executable is prepared again. */
  readonly fixed: ReadonlySet<ValueId>;
}

/** A program bound to memory, once for each side: runs again and again without allocating. */
export class Executable {
  readonly program: Program;
  readonly plan: Plan;
  readonly runs: readonly Run[];
  /** For each line of the plan. */
  readonly kept: readonly Kept[];

  constructor({ program, landings, check, fixed }: Planned, backend: Backend, pool: SlotPool, sides: readonly Side[]) {
    this.program = program;
    this.plan = planMemory(program, pool.sizes, landings, check === null ? [] : [check]);
    pool.ensure(this.plan.slots);
    const constants = new Map<ValueId, View['data']>();
    const { lines, places } = this.plan;
    const isFixed = (id: ValueId): boolean => {
      const { root } = places.get(id)!;
      return root.kind === 'constant' || (root.kind === 'input' && fixed.has(root.id));
    };
    this.kept = lines.map(({ inputs }) => ({ fixed: inputs.map(isFixed) }));
    this.runs = sides.map((side) => new Run(program, this.plan, check, backend, pool, side, constants, this.kept));
  }

  /** To be called before the first run, and when inputs have changed that are fixed. What is made of them all runs share. */
  prepare(): void {
    this.runs[0].prepare();
  }
}

/** A program on one side. */
export class Run {
  readonly inputs: readonly View[];
  /** Where the results lie after a run; any layout. */
  readonly results: readonly View[];
  private readonly program: Program;
  private readonly plan: Plan;
  private readonly check: View | null;
  private readonly sequence: Sequence;
  private readonly placed: (id: ValueId) => View;

  constructor(
    program: Program,
    plan: Plan,
    check: ValueId | null,
    backend: Backend,
    pool: SlotPool,
    side: Side,
    constants: Map<ValueId, View['data']>,
    kept: readonly Kept[],
  ) {
    this.program = program;
    this.plan = plan;
    this.inputs = side.inputs;
    const numberOf = new Map(program.inputs.map((id, i) => [id, i]));
    const constantOf = (id: ValueId): View['data'] => {
      let data = constants.get(id);
      if (data === undefined) constants.set(id, (data = constantData(program.values[id].constant!, backend)));
      return data;
    };
    const views = new Map<ValueId, View>();
    this.placed = (id) => {
      let view = views.get(id);
      if (view !== undefined) return view;
      const { root, layout } = plan.places.get(id)!;
      const { dtype } = program.values[id].spec;
      const { shape, strides, offset } = layout;
      let data: View['data'];
      if (root.kind === 'slot') data = slotData(pool.blocks[root.slot], dtype, layout);
      else if (root.kind === 'landing') ({ data } = side.landings[root.number]);
      else if (root.kind === 'input') ({ data } = side.inputs[numberOf.get(root.id)!]);
      else data = constantOf(root.id);
      views.set(id, (view = { shape, strides, offset, dtype, data }));
      return view;
    };
    this.sequence = backend.sequence(
      plan.lines.map(({ op, attrs, inputs, outputs }, i) => ({
        op,
        attrs,
        inputs: inputs.map(this.placed),
        outputs: outputs.map(this.placed),
        kept: kept[i],
      })),
    );
    this.results = program.results.map(this.placed);
    this.check = check === null ? null : this.placed(check);
    // Whoever asks before the first run, or with kernels that do nothing, is not told of a failure.
    if (this.check !== null) this.check.data[0] = 1;
  }

  prepare(): void {
    this.sequence.prepare?.();
  }

  /** False if the results are checked, and one of them is not finite. */
  run(): boolean {
    this.sequence.run();
    return this.check === null || this.check.data[0] === 1;
  }

  /** As `run`, each line by itself; `mark` is called before the first and after each. */
  runByLine(mark: () => void): boolean {
    mark();
    for (let i = 0; i < this.plan.lines.length; i++) {
      this.sequence.runLine(i);
      mark();
    }
    return this.check === null || this.check.data[0] === 1;
  }

  /** Runs line by line to find who made the first non-finite value, if any did; the inputs must be as they were. */
  explain(what: string, paths: readonly string[]): NonFiniteError | null {
    const pathOf = new Map(paths.map((path, i) => [this.program.inputs[i], path]));
    for (const i of paths.keys()) {
      const view = this.inputs[i];
      const at = firstNonFinite(view);
      if (at >= 0 && view.dtype !== 'bool') {
        return new NonFiniteError(
          `${what}: argument ${paths[i]} is ${view.data[at]} at ${at} already; nothing was changed`,
          null,
          null,
          [paths[i]],
        );
      }
    }
    for (const [i, line] of this.plan.lines.entries()) {
      const parts = (line.parts ?? [line]).filter(({ inputs }) =>
        inputs.every(
          (id) => !isFloat(this.program.values[id].spec.dtype) || firstNonFinite(dense(this.placed(id))) < 0,
        ),
      );
      this.sequence.runLine(i);
      for (const part of parts) {
        for (const id of part.outputs) {
          const view = this.placed(id);
          const at = firstNonFinite(dense(view));
          if (at >= 0) return this.blame(what, part, view, at, pathOf);
        }
      }
    }
    return null;
  }

  private blame(
    what: string,
    line: Line,
    view: View,
    at: number,
    pathOf: ReadonlyMap<ValueId, string>,
  ): NonFiniteError {
    const site = userFrame(line.site);
    const read = line.inputs.flatMap((id) => this.namesBehind(id, pathOf));
    const parameters = read.length > 0 ? read : this.nearestNames(line, pathOf);
    const near =
      parameters.length === 0 ? '' : `, ${read.length > 0 ? 'which reads' : 'behind'} ${parameters.join(', ')}`;
    return new NonFiniteError(
      `${what}: ${line.op.name}${near} made ${view.data[at]} of finite values (element ${at} of ${view.dtype}[${view.shape.join(', ')}])${site === null ? '' : `\n  at ${site}`}\n  in ${formatLine(this.program, line)}\nNothing was changed.`,
      line.op.name,
      site,
      parameters,
    );
  }

  /** The arguments from which the fewest lines lead to this one: they tell the layer of an op that reads none. */
  private nearestNames({ inputs }: Line, pathOf: ReadonlyMap<ValueId, string>): string[] {
    const lines = this.program.lines.flatMap((line) => line.parts ?? [line]);
    const madeBy = new Map(lines.flatMap((line) => line.outputs.map((id) => [id, line] as const)));
    const seen = new Set<ValueId>();
    for (let front = [...inputs]; front.length > 0; ) {
      const names = new Set(front.flatMap((id) => this.namesBehind(id, pathOf)));
      if (names.size > 0) return [...names];
      front = [...new Set(front.flatMap((id) => madeBy.get(id)?.inputs ?? []))].filter((id) => !seen.has(id));
      for (const id of front) seen.add(id);
    }
    return [];
  }

  /** The arguments that a value is a layout of. */
  private namesBehind(id: ValueId, pathOf: ReadonlyMap<ValueId, string>): string[] {
    const root = this.plan.places.get(id)?.root;
    const path = root?.kind === 'input' ? pathOf.get(root.id) : undefined;
    return path === undefined ? [] : [path];
  }
}

function dense(view: View): View {
  const data = createArray(view.dtype, sizeOf(view.shape));
  packInto(view, data);
  return packedView(view, data);
}

function slotData(block: Block, dtype: DType, layout: Layout): View['data'] {
  const packed = layout.offset === 0 && isContiguous(layout);
  const length = packed ? sizeOf(layout.shape) : Math.floor(block.bytes / BYTES_PER_ELEMENT[dtype]);
  return arrayOver(dtype, block, length);
}

/** Constants are copied into the program's own memory: whoever made them may free theirs. */
function constantData(view: View, backend: Backend): View['data'] {
  const block = backend.reserve(view.data.byteLength);
  const data = arrayOver(view.dtype, block, view.data.length);
  data.set(view.data);
  return data;
}

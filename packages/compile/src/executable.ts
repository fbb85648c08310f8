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
  type Sequence,
  type Spec,
  type View,
} from '@lemmata/tensor';
import { firstNonFinite, NonFiniteError, userFrame } from './non-finite.js';
import { planMemory, type Place, type Plan } from './plan.js';
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
      this.blocks.push(this.backend.reserve(sizes[slot]!));
  }
}

/** A program bound to memory: runs again and again without allocating. */
export class Executable {
  readonly program: Program;
  readonly plan: Plan;
  /** Where the inputs are to be put before a run. Packed. */
  readonly inputs: readonly View[];
  /** Where the results lie after a run; any layout. */
  readonly results: readonly View[];
  private readonly sequence: Sequence;
  private readonly placed: (id: ValueId) => View;

  constructor(program: Program, backend: Backend, pool: SlotPool, inputs: readonly View[]) {
    this.program = program;
    this.inputs = inputs;
    this.plan = planMemory(program, pool.sizes);
    pool.ensure(this.plan.slots);
    const views = new Map<ValueId, View>();
    const inputOf = new Map(program.inputs.map((id, i) => [id, inputs[i]!]));
    const constants = new Map<ValueId, View>();
    this.placed = (id) => {
      let view = views.get(id);
      if (view === undefined) {
        view = place(program.values[id]!.spec, this.plan.places.get(id)!, pool, inputOf, constants, program, backend);
        views.set(id, view);
      }
      return view;
    };
    this.sequence = backend.sequence(
      this.plan.lines.map(({ op, attrs, inputs, outputs }) => ({
        op,
        attrs,
        inputs: inputs.map(this.placed),
        outputs: outputs.map(this.placed),
      })),
    );
    this.results = program.results.map(this.placed);
  }

  run(): void {
    this.sequence.run();
  }

  /** Runs line by line to find who made the first non-finite value; the inputs must be as they were. */
  explain(what: string, paths: readonly string[]): NonFiniteError {
    const pathOf = new Map(this.program.inputs.map((id, i) => [id, paths[i]!]));
    for (const [i, view] of this.inputs.entries()) {
      const at = firstNonFinite(view);
      if (at >= 0 && view.dtype !== 'bool') {
        return new NonFiniteError(
          `${what}: argument ${paths[i]} is ${view.data[at]} at ${at} already; nothing was changed`,
          null,
          null,
          [paths[i]!],
        );
      }
    }
    for (const [i, line] of this.plan.lines.entries()) {
      const clean = line.inputs.every(
        (id) => !isFloat(this.program.values[id]!.spec.dtype) || firstNonFinite(dense(this.placed(id))) < 0,
      );
      this.sequence.runLine(i);
      for (const id of line.outputs) {
        const view = this.placed(id);
        const at = firstNonFinite(dense(view));
        if (at >= 0 && clean) return this.blame(what, line, view, at, pathOf);
      }
    }
    return new NonFiniteError(`${what}: the result is not finite; nothing was changed`, null, null, []);
  }

  private blame(
    what: string,
    line: Line,
    view: View,
    at: number,
    pathOf: ReadonlyMap<ValueId, string>,
  ): NonFiniteError {
    const site = userFrame(line.site);
    const parameters = line.inputs.flatMap((id) => this.namesBehind(id, pathOf));
    const near = parameters.length === 0 ? '' : `, which reads ${parameters.join(', ')}`;
    return new NonFiniteError(
      `${what}: ${line.op.name}${near} made ${view.data[at]} of finite values (element ${at} of ${view.dtype}[${view.shape.join(', ')}])${site === null ? '' : `\n  at ${site}`}\n  in ${formatLine(this.program, line)}\nNothing was changed.`,
      line.op.name,
      site,
      parameters,
    );
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

function place(
  spec: Spec,
  { root, layout }: Place,
  pool: SlotPool,
  inputs: ReadonlyMap<ValueId, View>,
  constants: Map<ValueId, View>,
  program: Program,
  backend: Backend,
): View {
  const at = { shape: layout.shape, strides: layout.strides, offset: layout.offset, dtype: spec.dtype };
  if (root.kind === 'slot') {
    const block = pool.blocks[root.slot]!;
    const packed = layout.offset === 0 && isContiguous(layout);
    const length = packed ? sizeOf(layout.shape) : Math.floor(block.bytes / BYTES_PER_ELEMENT[spec.dtype]);
    return { ...at, data: arrayOver(spec.dtype, block, length) };
  }
  if (root.kind === 'input') return { ...at, data: inputs.get(root.id)!.data };
  let constant = constants.get(root.id);
  if (constant === undefined) {
    const view = program.values[root.id]!.constant!;
    constant = { ...view, data: constantData(view, backend) };
    constants.set(root.id, constant);
  }
  return { ...at, data: constant.data };
}

/** Constants are copied into the program's own memory: whoever made them may free theirs. */
function constantData(view: View, backend: Backend): View['data'] {
  const block = backend.reserve(view.data.byteLength);
  const data = arrayOver(view.dtype, block, view.data.length);
  data.set(view.data);
  return data;
}

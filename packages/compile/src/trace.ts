import {
  attrsKey,
  eagerValue,
  isEager,
  isUniform,
  nextLevel,
  Tensor,
  viewOf,
  type Backend,
  type Interpreter,
  type OpDef,
  type Spec,
  type Storage,
  type TypedArray,
} from '@lemmata/tensor';
import type { Line, Program, Value, ValueId } from './program.js';

/** Records ops as the lines of a program instead of executing them. */
export class Trace implements Interpreter {
  readonly name = 'trace';
  readonly level: number = nextLevel();
  private readonly backend: Backend;
  private readonly values: Value[] = [];
  private readonly lines: Line[] = [];
  private readonly inputs: ValueId[] = [];
  private readonly constants = new Map<string, ValueId>();
  private readonly storages = new Map<Storage, number>();
  private done = false;

  /** Composites that `backend` does not execute whole are recorded by their definition. */
  constructor(backend: Backend) {
    this.backend = backend;
  }

  input(spec: Spec): Tensor {
    const id = this.value({ spec });
    this.inputs.push(id);
    return this.tensor(id);
  }

  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    if (this.done)
      throw new Error(
        `${op.name}: an input was made while a function was traced, and belongs to no value now; return it from the function`,
      );
    const specs = inputs.map((t) => t.spec);
    const outputSpecs = op.infer(attrs, ...specs);
    if (op.alias === undefined && op.define !== undefined && !this.backend.executes(op, attrs, specs))
      return op.define(attrs, ...inputs);
    const outputs = outputSpecs.map((spec) => this.value({ spec }));
    this.lines.push({ op, attrs, inputs: inputs.map((t) => this.idOf(t)), outputs, site: new Error(op.name) });
    return outputs.map((id) => this.tensor(id));
  }

  lift(tensor: Tensor): Tensor {
    return this.tensor(this.constant(tensor));
  }

  /** Nothing is executed, so that nothing can be freed. */
  mark(): (keep: unknown) => void {
    return () => {};
  }

  read(tensor: Tensor): TypedArray {
    throw new Error(
      `data: the elements of %${this.idOf(tensor)} (${tensor.dtype}[${tensor.shape.join(', ')}]) were read while the function was traced for compilation, ` +
        'when there are none yet; return the tensor and read it outside, or choose elementwise with where(…)',
    );
  }

  /** Ends the trace: the program whose results are these tensors, each of the trace or a constant. */
  finish(results: readonly Tensor[]): Program {
    const ids = results.map((t) => (t.interpreter === this ? this.idOf(t) : this.constant(t)));
    this.done = true;
    return { values: this.values, inputs: this.inputs, lines: this.lines, results: ids };
  }

  private value(value: Value): ValueId {
    return this.values.push(value) - 1;
  }

  private tensor(id: ValueId): Tensor {
    return new Tensor(this.values[id].spec, this, id);
  }

  private idOf(tensor: Tensor): ValueId {
    return tensor.payload as ValueId;
  }

  /** Equal constants are one value: those of one element by what they are, others by their memory and layout. */
  private constant(tensor: Tensor): ValueId {
    if (!isEager(tensor))
      throw new Error(`compile: the function returned a tensor of another scope (${tensor.interpreter.name})`);
    const view = viewOf(tensor, 'compile');
    const identity =
      isUniform(view) && tensor.size > 0
        ? attrsKey(view.data[view.offset])
        : `#${this.numberOf(eagerValue(tensor).storage)} ${attrsKey([view.strides, view.offset])}`;
    const key = `${identity} ${view.dtype} ${view.shape.join()} ${tensor.spec.weak}`;
    let id = this.constants.get(key);
    if (id === undefined) this.constants.set(key, (id = this.value({ spec: tensor.spec, constant: view })));
    return id;
  }

  private numberOf(storage: Storage): number {
    let number = this.storages.get(storage);
    if (number === undefined) this.storages.set(storage, (number = this.storages.size));
    return number;
  }
}

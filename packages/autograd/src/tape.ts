import { unknownOptions } from '@lemmata/shape';
import {
  add,
  again,
  apply,
  formatSpec,
  highest,
  isFloat,
  isTensor,
  nextLevel,
  recording,
  sameSpec,
  Tensor,
  type Interpreter,
  type OpDef,
  type TypedArray,
} from '@lemmata/tensor';

/** What a tensor on a tape stands for. */
interface TapeValue {
  readonly value: Tensor;
  /** Its number on the tape; −1 for a constant. */
  readonly id: number;
}

/** One op as it was applied. */
export interface TapeRecord {
  readonly op: OpDef;
  readonly attrs: unknown;
  readonly inputs: readonly Tensor[];
  /** −1 where the input does not depend on what is differentiated. */
  readonly inputIds: readonly number[];
  readonly outputs: readonly Tensor[];
  readonly outputIds: readonly number[];
}

export interface TapeOptions {
  /** Composites to record as one op, though their gradient has to be taken through their definition. Default: none. */
  readonly whole?: readonly OpDef[];
}

/**
 * Records what is applied to the tensors it tracks, and executes it one level below. Going backwards through the
 * records, each op's `vjp` turns upstream into downstream gradients; since these are ops too, an enclosing tape or
 * trace sees them, and gradients nest to any order.
 */
export class Tape implements Interpreter {
  readonly name = 'gradient tape';
  readonly level: number = nextLevel();
  readonly records: TapeRecord[] = [];
  private readonly whole: ReadonlySet<OpDef>;
  private count = 0;
  private closed = false;

  constructor(options: TapeOptions = {}) {
    unknownOptions('Tape', options, ['whole']);
    this.whole = new Set(options.whole);
  }

  /** A tensor whose gradient will be asked. */
  track(value: Tensor): Tensor {
    if (!isFloat(value.dtype)) {
      throw new TypeError(
        `gradient: only floating-point tensors have gradients, received ${formatSpec(value.spec)}; pass it as a later argument, or cast it`,
      );
    }
    return this.wrap(value, this.count++);
  }

  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    if (this.closed) {
      throw new Error(
        `${op.name}: an input was made inside a function whose gradient has been taken already; return it from that function as aux`,
      );
    }
    const known = inputs.map(tapeValue);
    const values = known.map((k) => k.value);
    if (op.constant === true || known.every((k) => k.id < 0)) return apply(op, attrs, values);
    if (op.vjp === undefined) {
      const keep = this.whole.has(op) || op.recompute !== undefined;
      if (op.define !== undefined && !keep) return op.define(attrs, ...inputs);
      const outputs = apply(op, attrs, values);
      if (!keep) {
        if (outputs.some((t) => isFloat(t.dtype))) {
          throw new Error(
            `${op.name} is not differentiable, and its input depends on what is differentiated; take stopGradient of the input if that is meant`,
          );
        }
        return outputs;
      }
      return this.record(
        op,
        attrs,
        values,
        known.map((k) => k.id),
        outputs,
      );
    }
    return this.record(
      op,
      attrs,
      values,
      known.map((k) => k.id),
      apply(op, attrs, values),
    );
  }

  lift(tensor: Tensor): Tensor {
    return this.wrap(tensor, -1);
  }

  /** A lifetime inside ends nothing: going back needs what was made on the way. */
  mark(): (keep: unknown) => void {
    return () => {};
  }

  read(tensor: Tensor): TypedArray {
    return tapeValue(tensor).value.dataSync();
  }

  /** The value below a tensor of this tape; any other leaf as it is. */
  unwrap<T>(leaf: T): T {
    return isTensor(leaf) && leaf.interpreter === this ? (tapeValue(leaf).value as T) : leaf;
  }

  idOf(tensor: Tensor): number {
    return tensor.interpreter === this ? tapeValue(tensor).id : -1;
  }

  close(): void {
    this.closed = true;
  }

  /**
   * Gradients by tensor number, from those of some results back to everything they depend on: of a result that is named twice
   * they add up, and a constant, whose number is −1, has none. `visit` sees every record that was reached, with its upstream
   * and downstream gradients.
   */
  backward(
    upstream: readonly (readonly [id: number, gradient: Tensor | null])[],
    visit?: (record: TapeRecord, upstream: readonly (Tensor | null)[], downstream: readonly (Tensor | null)[]) => void,
  ): Map<number, Tensor> {
    const gradients = new Map<number, Tensor>();
    for (const [id, gradient] of upstream) addTo(gradients, id, gradient);
    this.sweep(this.records, gradients, visit);
    return gradients;
  }

  /** Goes back through records, and adds to `gradients`. */
  private sweep(
    records: readonly TapeRecord[],
    gradients: Map<number, Tensor>,
    visit?: Parameters<Tape['backward']>[1],
  ): void {
    for (let r = records.length - 1; r >= 0; r--) {
      const record = records[r]!;
      const up = record.outputIds.map((id) => gradients.get(id) ?? null);
      if (up.every((g) => g === null)) continue;
      if (record.op.recompute !== undefined && visit === undefined) {
        this.sweepAgain(record, up, gradients);
        continue;
      }
      const down = pullBack(record, up);
      visit?.(record, up, down);
      down.forEach((gradient, i) => addTo(gradients, record.inputIds[i]!, gradient));
    }
  }

  /**
   * Runs a record's definition again and goes back through it, in a lifetime of its own. Its records are numbered like those of
   * this tape and add to the same gradients, in the order in which they would have without `recompute`: the sums have the same bits.
   */
  private sweepAgain(record: TapeRecord, upstream: readonly (Tensor | null)[], gradients: Map<number, Tensor>): void {
    const { op, attrs, inputs, inputIds } = record;
    const close = highest([...inputs, ...upstream.filter((g) => g !== null)], op.name).mark();
    try {
      const tape = new Tape();
      tape.count = this.count;
      const renamed = inputs.map((x, i) => tape.wrap(i < op.recompute! ? again(x) : x, inputIds[i]!));
      const outputs = recording(() => op.define!(attrs, ...renamed));
      tape.close();
      this.count = tape.count;
      outputs.forEach((y, i) => addTo(gradients, tape.idOf(y), upstream[i]!));
      this.sweep(tape.records, gradients);
      for (const { outputIds } of tape.records) for (const id of outputIds) gradients.delete(id);
    } finally {
      close([...gradients.values()]);
    }
  }

  private record(
    op: OpDef,
    attrs: unknown,
    inputs: readonly Tensor[],
    inputIds: readonly number[],
    outputs: readonly Tensor[],
  ): Tensor[] {
    const outputIds = outputs.map((t) => (isFloat(t.dtype) ? this.count++ : -1));
    this.records.push({ op, attrs, inputs, inputIds, outputs, outputIds });
    return outputs.map((t, i) => this.wrap(t, outputIds[i]!));
  }

  private wrap(value: Tensor, id: number): Tensor {
    return new Tensor(value.spec, this, { value, id } satisfies TapeValue);
  }
}

/** Adds to the gradient of the tensor of this number; −1 is a constant. */
function addTo(gradients: Map<number, Tensor>, id: number, gradient: Tensor | null): void {
  if (gradient === null || id < 0) return;
  const before = gradients.get(id);
  gradients.set(id, before === undefined ? gradient : add(before, gradient));
}

function tapeValue(tensor: Tensor): TapeValue {
  return tensor.payload as TapeValue;
}

/** Downstream gradients of one record; a wrong vjp is caught here, where the op is still known. */
export function pullBack(record: TapeRecord, upstream: readonly (Tensor | null)[]): (Tensor | null)[] {
  const { op, attrs, inputs, outputs, inputIds } = record;
  const wants = inputIds.map((id) => id >= 0);
  const downstream =
    op.vjp === undefined ? vjpOfDefinition(record, upstream, wants) : op.vjp(attrs, upstream, inputs, outputs, wants);
  return inputs.map((x, i) => {
    const gradient = downstream[i] ?? null;
    if (gradient === null || !wants[i]) return null;
    if (!sameSpec(gradient.spec, x.spec)) {
      throw new Error(
        `${op.name}: its vjp gave ${formatSpec(gradient.spec)} as the gradient of input ${i}, which is ${formatSpec(x.spec)}`,
      );
    }
    return gradient;
  });
}

function vjpOfDefinition(
  record: TapeRecord,
  upstream: readonly (Tensor | null)[],
  wants: readonly boolean[],
): (Tensor | null)[] {
  const tape = new Tape();
  const inputs = record.inputs.map((x, i) => (wants[i] ? tape.track(x) : x));
  const outputs = recording(() => record.op.define!(record.attrs, ...inputs));
  tape.close();
  const gradients = tape.backward(outputs.map((t, i) => [tape.idOf(t), upstream[i]!]));
  return inputs.map((x) => gradients.get(tape.idOf(x)) ?? null);
}

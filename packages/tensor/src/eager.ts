import { sizeOf } from '@lemmata/shape';
import { leaves } from '@lemmata/tree';
import type { Backend, Storage } from './backend.js';
import type { Interpreter } from './interpreter.js';
import { packedLayout, packInto, type Layout, type View } from './layout.js';
import type { OpDef } from './op.js';
import { createArray, type Spec, type TypedArray } from './spec.js';
import { Tensor, isTensor } from './tensor.js';

/** What an eager tensor holds. */
export interface EagerValue {
  readonly storage: Storage;
  readonly layout: Layout;
}

/** Executes every op at once, on one backend. */
export class Eager implements Interpreter {
  readonly name: string;
  readonly level: number;
  readonly backend: Backend;

  /** `level` is 0 for the reference backend, to which constants belong, and 1 for any other. */
  constructor(backend: Backend, level: 0 | 1) {
    this.name = backend.name;
    this.backend = backend;
    this.level = level;
  }

  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    const specs = inputs.map((t) => t.spec);
    const outSpecs = op.infer(attrs, ...specs);
    if (op.alias !== undefined) {
      const { storage, layout } = eagerValue(inputs[0]);
      const moved = op.alias(attrs, layout);
      alive(storage, op.name);
      if (moved !== null) return [new Tensor(outSpecs[0], this, { storage, layout: moved } satisfies EagerValue)];
    }
    if (!this.backend.executes(op, attrs, specs)) {
      if (op.define !== undefined) return op.define(attrs, ...inputs);
      throw new Error(
        `${op.name}: the op has neither alias, expr, reference nor define, so that nothing says what it computes`,
      );
    }
    const views = inputs.map((t) => viewOf(t, op.name));
    const outputs = outSpecs.map((spec) => this.allocate(spec, op.name));
    this.backend.execute(
      op,
      attrs,
      views,
      outputs.map((t) => viewOf(t, op.name)),
    );
    return outputs;
  }

  /** A packed tensor with arbitrary contents. */
  allocate(spec: Spec, madeBy: string): Tensor {
    const layout = packedLayout(spec.shape);
    const storage = this.backend.allocate(spec.dtype, sizeOf(spec.shape), madeBy);
    return new Tensor(spec, this, { storage, layout } satisfies EagerValue);
  }

  /** A tensor with a copy of `values`, which are in row-major order. */
  fromValues(spec: Spec, values: ArrayLike<number>, madeBy = 'tensor'): Tensor {
    const tensor = this.allocate(spec, madeBy);
    viewOf(tensor, madeBy).data.set(values);
    return tensor;
  }

  lift(tensor: Tensor): Tensor {
    // Only the reference backend lies below another. A broadcast constant crosses as its elements, not as its extent.
    const { storage, layout } = eagerValue(tensor);
    const copy = this.backend.allocate(storage.dtype, storage.length, storage.madeBy);
    copy.data!.set(alive(storage, 'lift'));
    return new Tensor(tensor.spec, this, { storage: copy, layout } satisfies EagerValue);
  }

  mark(): (keep: unknown) => void {
    const close = this.backend.open();
    return (keep) => {
      const kept = new Set<Storage>();
      for (const leaf of leaves<unknown>(keep)) {
        if (isTensor(leaf) && leaf.interpreter === this) kept.add(eagerValue(leaf).storage);
      }
      close(kept);
    };
  }

  read(tensor: Tensor): TypedArray {
    const view = viewOf(tensor, 'data');
    const out = createArray(view.dtype, sizeOf(view.shape));
    packInto(view, out);
    return out;
  }
}

/** Whether a tensor has its values, and is none of a tape or trace. */
export function isEager(tensor: Tensor): boolean {
  return tensor.interpreter instanceof Eager;
}

/** The storage and layout of an eager tensor. */
export function eagerValue(tensor: Tensor): EagerValue {
  return tensor.payload as EagerValue;
}

/** The elements of an eager tensor, for the op `reader`. */
export function viewOf(tensor: Tensor, reader: string): View {
  const { storage, layout } = eagerValue(tensor);
  return {
    shape: layout.shape,
    strides: layout.strides,
    offset: layout.offset,
    dtype: storage.dtype,
    data: alive(storage, reader),
  };
}

function alive(storage: Storage, reader: string): TypedArray {
  if (storage.data === null) {
    if (storage.fate !== undefined)
      throw new Error(`${reader}: this tensor was made by ${storage.madeBy}, and ${storage.fate}`);
    throw new Error(
      `${reader}: this tensor was made by ${storage.madeBy} inside a scope that has ended, and its memory is free; ` +
        'return it from the scope (run, valueAndGrad or a compiled function) to keep it',
    );
  }
  return storage.data;
}

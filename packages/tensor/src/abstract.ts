import { nextLevel, type Interpreter } from './interpreter.js';
import type { OpDef } from './op.js';
import type { Spec, TypedArray } from './spec.js';
import { Tensor } from './tensor.js';

/** Follows shapes and dtypes through ops and computes nothing: for summaries of networks too large to hold. */
export class Abstract implements Interpreter {
  readonly name = 'abstract';
  readonly level: number = nextLevel();

  tensor(spec: Spec): Tensor {
    return new Tensor(spec, this, null);
  }

  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    return op.infer(attrs, ...inputs.map((t) => t.spec)).map((spec) => this.tensor(spec));
  }

  lift(tensor: Tensor): Tensor {
    return this.tensor(tensor.spec);
  }

  mark(): (keep: unknown) => void {
    return () => {};
  }

  read(): TypedArray {
    throw new Error('data: an abstract tensor has a shape and a dtype, but no elements');
  }
}

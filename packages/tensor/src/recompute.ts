import { leaves, map } from '@lemmata/tree';
import { apply, highest, nextLevel, type Interpreter } from './interpreter.js';
import { NO_ATTRS, type OpDef } from './op.js';
import { recording, type Synchronous } from './scope.js';
import type { Spec, TypedArray } from './spec.js';
import { isTensor, Tensor } from './tensor.js';

/**
 * `f`, of whose intermediate values a gradient keeps none: the backward pass computes them again (gradient checkpointing, in PyTorch
 * `torch.utils.checkpoint`). Value and gradients are the same, bit for bit; memory is saved for one more forward pass in time.
 *
 * `f` takes and returns trees; what is not a tensor in them passes as it is. It is called once: its ops are written down, and it is
 * these that run again, so that a draw from a key, a new running statistic or a side effect happens as often as without.
 * What it captures gets its gradient too, but is no argument: what follows from captured tensors alone is kept. A
 * parameter that is captured and used many times may have its gradient added up in another order. Nests, and works within
 * `compile`, whose memory plan shrinks. Second derivatives agree up to rounding.
 *
 * @example
 * const block = recompute((p: Params, x: Tensor) => relu(linear(p, relu(linear(p, x)))));
 * @throws TypeError if `f` is asynchronous.
 *
 * Source: Chen et al. 2016, https://arxiv.org/abs/1604.06174
 */
export function recompute<Args extends readonly unknown[], R>(
  f: (...args: Args) => Synchronous<R>,
): (...args: Args) => R {
  return (...args) => {
    const recorder = new Recorder();
    const given = args.map((arg) =>
      map((leaf: unknown) => (isTensor(leaf) ? recorder.argument(leaf) : leaf), arg as never),
    );
    const result = recorder.record(() => f(...(given as unknown as Args)));
    const made = [...new Set(leaves<unknown>(result))].filter((leaf): leaf is Tensor => recorder.made(leaf));
    const outputs = made.length === 0 ? [] : apply(recorder.op(made), NO_ATTRS, recorder.inputs);
    const outside = new Map<unknown, Tensor>(made.map((leaf, i) => [leaf, outputs[i]]));
    return map((leaf: unknown) => outside.get(leaf) ?? recorder.outside(leaf), result as never) as R;
  };
}

/** An op as it was applied, on values by number. */
interface Step {
  readonly op: OpDef;
  readonly attrs: unknown;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Writes down what is applied to its tensors, and computes nothing. */
class Recorder implements Interpreter {
  readonly name = 'recompute';
  readonly level: number = nextLevel();
  /** The arguments, and behind them what was captured. */
  readonly inputs: Tensor[] = [];
  private readonly steps: Step[] = [];
  private readonly inside = new Map<Tensor, Tensor>();
  /** Values that are inputs, by number. */
  private readonly inputOf = new Map<number, Tensor>();
  private argumentCount = 0;
  private count = 0;
  private done = false;

  argument(tensor: Tensor): Tensor {
    const inside = this.lift(tensor);
    this.argumentCount = this.inputs.length;
    return inside;
  }

  record<R>(body: () => R): R {
    try {
      const result = recording(body);
      if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return result;
    } finally {
      this.done = true;
    }
    throw new TypeError(
      'recompute: the function is asynchronous; what it does later could not run again, so it must be synchronous',
    );
  }

  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    if (this.done) {
      throw new Error(
        `${op.name}: an input was made inside a function that recompute was given, and which has returned; return it from that function`,
      );
    }
    const outputs = op.infer(attrs, ...inputs.map(({ spec }) => spec)).map((spec) => this.tensor(spec));
    this.steps.push({ op, attrs, inputs: inputs.map(numberOf), outputs: outputs.map(numberOf) });
    return outputs;
  }

  lift(tensor: Tensor): Tensor {
    let inside = this.inside.get(tensor);
    if (inside === undefined) {
      inside = this.tensor(tensor.spec);
      this.inside.set(tensor, inside);
      this.inputOf.set(numberOf(inside), tensor);
      this.inputs.push(tensor);
    }
    return inside;
  }

  /** What is recorded ends with the lifetime around it. */
  mark(): (keep: unknown) => void {
    return () => {};
  }

  /** Whoever looks at an element makes everything up to it be computed once more. */
  read(tensor: Tensor): TypedArray {
    return (this.inputOf.get(numberOf(tensor)) ?? this.run(this.inputs, [tensor])[0]).dataSync();
  }

  /** Whether it is the output of a step. */
  made(leaf: unknown): boolean {
    return isTensor(leaf) && leaf.interpreter === this && !this.inputOf.has(numberOf(leaf));
  }

  /** The tensor that an input stands for; any other leaf as it is. */
  outside<T>(leaf: T): T {
    return isTensor(leaf) && leaf.interpreter === this ? (this.inputOf.get(numberOf(leaf)) as T) : leaf;
  }

  /** All steps as one op of the inputs, which gives `results`. */
  op(results: readonly Tensor[]): OpDef {
    const specs = results.map(({ spec }) => spec);
    return {
      name: this.name,
      recompute: this.argumentCount,
      infer: () => specs,
      define: (_attrs, ...inputs) => {
        const close = highest(inputs, this.name).mark();
        let outputs: Tensor[] | null = null;
        try {
          return (outputs = this.run(inputs, results));
        } finally {
          close(outputs);
        }
      },
    };
  }

  /** The steps, applied to these tensors in the place of the inputs. */
  private run(inputs: readonly Tensor[], results: readonly Tensor[]): Tensor[] {
    const values: Tensor[] = [];
    let next = 0;
    for (const number of this.inputOf.keys()) values[number] = inputs[next++];
    for (const { op, attrs, inputs: read, outputs } of this.steps) {
      const made = apply(
        op,
        attrs,
        read.map((number) => values[number]),
      );
      outputs.forEach((number, i) => (values[number] = made[i]));
    }
    return results.map((tensor) => values[numberOf(tensor)]);
  }

  private tensor(spec: Spec): Tensor {
    return new Tensor(spec, this, this.count++);
  }
}

function numberOf(tensor: Tensor): number {
  return tensor.payload as number;
}

/**
 * @internal The same elements under another name, without a copy. The op is new each time, so that nothing which follows equals what
 * followed before: a compiler that made one line of equal ones would keep what is to be computed again.
 */
export function again(x: Tensor): Tensor {
  const op: OpDef = {
    name: 'again',
    again: true,
    infer: (_attrs, spec) => [spec],
    alias: (_attrs, layout) => layout,
    vjp: (_attrs, [upstream]) => [upstream],
  };
  return apply(op, NO_ATTRS, [x])[0];
}

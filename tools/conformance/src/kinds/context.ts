import { isTensor, type Tensor } from '@lemmata/tensor';
import { type Given, Args } from '../args.js';
import { boundFor, type Deviation, exactlyOf, worstOf } from '../compare.js';
import type { Engine } from '../engine.js';
import { type Case, type Entry, NodeName, TensorName, type Value, type Values } from '../vectors.js';

/** A case and the engine that runs it: makes its tensors, and holds results against those expected. */
export class Context {
  readonly case: Case;
  readonly engine: Engine;
  private readonly made: Map<string, Tensor> = new Map();

  constructor(one: Case, engine: Engine) {
    this.case = one;
    this.engine = engine;
  }

  entry(name: string): Entry {
    const entry = this.case.tensors.get(name);
    if (entry === undefined) throw new Error(`the case has no tensor '${name}'`);
    return entry;
  }

  /** Made once: the same tensor under the same name. */
  tensor(name: string): Tensor {
    const made = this.made.get(name) ?? this.engine.tensor(this.entry(name));
    this.made.set(name, made);
    return made;
  }

  /** Names of the case's tensors that begin with `prefix`, which is cut off. */
  names(prefix: string): string[] {
    return [...this.case.tensors.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  }

  /** Arguments with tensors put in; `leaves` take the place of the case's own, `nodes` are results of a graph. */
  args(values: Values, leaves?: ReadonlyMap<string, Tensor>, nodes?: ReadonlyMap<string, Tensor>): Args {
    const resolve = (value: Value): Given => {
      if (value instanceof TensorName) return leaves?.get(value.name) ?? this.tensor(value.name);
      if (value instanceof NodeName) {
        const result = nodes?.get(value.id);
        if (result === undefined) throw new Error(`the graph has no node '${value.id}' yet`);
        return result;
      }
      return Array.isArray(value) ? value.map(resolve) : (value as Given);
    };
    return new Args(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, resolve(value)])));
  }

  /** A result against the tensor `name` of the case, its shape included. */
  compare(name: string, actual: Tensor | undefined): Deviation | null {
    if (!isTensor(actual)) throw new Error(`${name} was not computed`);
    const expected = this.entry(name);
    if (actual.shape.join() !== expected.shape.join()) {
      throw new Error(`${name} has shape [${actual.shape.join(', ')}], expected [${expected.shape.join(', ')}]`);
    }
    return this.compareData(name, actual.dataSync(), expected);
  }

  compareData(name: string, actual: ArrayLike<number>, expected: Entry = this.entry(name)): Deviation | null {
    if (!expected.dtype.startsWith('float')) return exactlyOf(name, actual, expected.data);
    // What float32 cannot hold is ∞ there.
    const rounded = this.engine.float === 'float32' ? Float32Array.from(expected.data) : expected.data;
    return worstOf(name, actual, rounded, boundFor(this.case, this.engine, name, rounded));
  }
}

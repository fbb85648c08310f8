import { EAGER_REFERENCE } from './reference/backend.js';
import type { OpDef } from './op.js';
import { type Tensor, isTensor } from './tensor.js';
import type { TypedArray } from './spec.js';

/**
 * Gives ops a meaning: eager execution runs them, a tape also records them, a trace only records them.
 * Every op goes through `bind`.
 */
export interface Interpreter {
  /** Of the inputs' interpreters the one with the highest level binds. Base backends have 0 or 1, see {@link nextLevel}. */
  readonly level: number;
  /** For messages. */
  readonly name: string;
  /** All inputs belong to this interpreter. */
  bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[];
  /** A tensor of a lower level, as a constant of this one. */
  lift(tensor: Tensor): Tensor;
  /** Opens a lifetime. Closing it frees what was made since, but not the tensors in the tree `keep`. */
  mark(): (keep: unknown) => void;
  /** The elements, row-major, in an array of the caller's own. */
  read(tensor: Tensor): TypedArray;
}

let levels = 1;

/**
 * A level above every one given out so far: an interpreter made inside the scope of another interprets the innermost
 * scope, and needs no stack to say so.
 */
export function nextLevel(): number {
  return ++levels;
}

/** Applies an op: the one way in which anything is computed. */
export function apply<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
  const top = highest(inputs, op.name);
  let lifted = inputs;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].interpreter === top) continue;
    if (lifted === inputs) lifted = inputs.slice();
    (lifted as Tensor[])[i] = top.lift(inputs[i]);
  }
  return top.bind(op, attrs, lifted);
}

/** The interpreter that decides what an op on these tensors means; the reference backend's where there is none. */
export function highest(tensors: readonly Tensor[], op: string): Interpreter {
  let top: Interpreter = EAGER_REFERENCE;
  for (let i = 0; i < tensors.length; i++) {
    const tensor = tensors[i];
    if (!isTensor(tensor)) {
      throw new TypeError(
        `${op}: input ${i} should be a tensor, received ${describe(tensor)}; make one with tensor(…)`,
      );
    }
    const { interpreter } = tensor;
    if (interpreter === top) continue;
    if (interpreter.level > top.level) top = interpreter;
    else if (interpreter.level === top.level) {
      // Two packages that each brought a copy of this one have two reference backends, where the user sees one.
      const twice = top.name === interpreter.name ? ', or load one copy of @lemmata/tensor if there are two' : '';
      throw new Error(
        `${op}: its inputs live on two backends, ${top.name} and ${interpreter.name}; move one with its backend's tensor(…)${twice}`,
      );
    }
  }
  return top;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object'
    ? `an object of class ${value.constructor?.name ?? '(none)'}`
    : `the ${typeof value} ${String(value)}`;
}

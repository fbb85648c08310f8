/**
 * An optimiser as two pure functions over trees of tensors: compiled steps carry its state like any other.
 * `P` is a tree of parameters, `S` what the optimiser remembers between steps.
 */
export interface Optimizer<S = any> {
  init<P>(params: P): S;
  /** Parameters and state after one step; `grads` is a tree like `params`. */
  update<P>(grads: P, state: S, params: P): [params: P, state: S];
}

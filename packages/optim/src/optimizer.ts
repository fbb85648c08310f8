import type { Tensor } from '@lemmata/tensor';

/**
 * An optimiser as two pure functions over trees of tensors: compiled steps carry its state like any other.
 * `S` is what it remembers between steps.
 */
export interface Optimizer<S = any> {
  /** The state before the first step. */
  init<P>(params: P): S;
  /** Parameters and state after one step; `grads` is a tree like `params`. */
  update<P>(grads: P, state: S, params: P): [params: P, state: S];
}

/** The state of the optimisers of this package: a plain tree. */
export interface OptimizerState {
  /** Steps done, int32. Schedules and bias corrections follow from it alone. */
  readonly step: Tensor;
  /** For each kind of memory, by PyTorch's name, a tree like the parameters; null where a parameter has none. */
  readonly memory: Readonly<Record<string, unknown>>;
}

import type { FieldLayer, Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';

/** What a layer is told besides its input. */
export interface Context {
  /** Training mode: dropout drops, batch norm uses the statistics of the batch. */
  readonly train: boolean;
  /** Randomness, an int32[2] key tensor. Layers that need one and get none throw. */
  readonly key?: Tensor;
}

export interface Initialised<P, S> {
  readonly params: P;
  /** What is not learnt but carried from step to step, such as running statistics. */
  readonly state: S;
  /** Without the batch. */
  readonly outputShape: Shape;
}

/**
 * A layer is plain data and two pure functions. Parameters and state are plain trees of tensors that belong to the
 * caller; paths into them, such as `conv1.weight`, are the names under which they are saved.
 */
export interface Layer<P = any, S = any> {
  /** What it is: 'conv2d', 'sequential'. */
  readonly kind: string;
  /** Draws parameters for inputs of this shape (without the batch). Throws ShapeError if it cannot take them. */
  init(key: Tensor, inputShape: Shape): Initialised<P, S>;
  /** `x` has a batch axis in front. Returns the output and the next state. */
  apply(params: P, state: S, x: Tensor, context: Context): [Tensor, S];
  /** Layers inside, by name; for summaries. */
  readonly layers?: Readonly<Record<string, Layer>>;
  /** The window that slides along each spatial axis, for receptive fields. Absent: elementwise along them. */
  window?(inputShape: Shape): readonly FieldLayer[];
}

export type ParamsOf<L> = L extends Layer<infer P, any> ? P : never;
export type StateOf<L> = L extends Layer<any, infer S> ? S : never;

/** Of layers without parameters or without state. */
export type Empty = Readonly<Record<never, never>>;

/** A layer that is a function: neither parameters nor state. `outputShape` defaults to the input's. */
export function functionLayer(kind: string, f: (x: Tensor) => Tensor, outputShape: (inputShape: Shape) => Shape = (shape) => shape): Layer<Empty, Empty> {
  return {
    kind,
    init: (_key, inputShape) => ({ params: {}, state: {}, outputShape: outputShape(inputShape) }),
    apply: (_params, state, x) => [f(x), state],
  };
}

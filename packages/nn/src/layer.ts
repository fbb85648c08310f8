import { type FieldLayer, OptionError, type Shape } from '@lemmata/shape';
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

/** y = scale · x + shift in each channel, axis 1 of a batch. */
export interface AffineMap {
  /** [C] */
  readonly scale: Tensor;
  /** [C] */
  readonly shift: Tensor;
}

/** A layer with its parameters and state. */
export interface Folded<P = any, S = any> {
  readonly layer: Layer<P, S>;
  readonly params: P;
  readonly state: S;
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
  /** Of its input, for layers that look up. Default float32, or that of the first layer inside. */
  readonly inputDtype?: 'float32' | 'int32';
  /** Layers inside, by name; for summaries. Their parameters and state are at their names in those of this layer. */
  readonly layers?: Readonly<Record<string, Layer>>;
  /** How {@link layers} are arranged: each reads what the one before gives (default), all read the same input, or see {@link flow}. */
  readonly arrangement?: 'sequence' | 'branches' | 'graph';
  /** In a graph: the input shape of each layer inside. */
  flow?(key: Tensor, inputShape: Shape): Readonly<Record<string, Shape>>;
  /** In a graph: the layers along which an output sees most of the input. */
  readonly path?: readonly string[];
  /**
   * The window that slides along each spatial axis of an input [C, ...spatial], for receptive fields. Absent: an output
   * depends on the input in its own place alone, if the axes stay. Null: it may depend on every place.
   */
  window?(inputShape: Shape): readonly FieldLayer[] | null;
  /** The affine map of each channel that the layer is in inference, in float64; null if it is none with this state. See `fold`. */
  affine?(params: P, state: S): AffineMap | null;
  /**
   * A layer and parameters that do what this layer and then the map do; null where the channels, axis 1 of a batch of
   * `outputShape`, are not what this layer makes, as with a linear layer on the last of several axes. See `fold`.
   */
  absorb?(params: P, map: AffineMap, outputShape: Shape): Omit<Folded<any, S>, 'state'> | null;
  /** For a layer that holds others: the same for inference, with affine maps absorbed by the layers before them. See `fold`. */
  fold?(params: P, state: S, inputShape: Shape): Folded;
}

export type ParamsOf<L> = L extends Layer<infer P, any> ? P : never;
export type StateOf<L> = L extends Layer<any, infer S> ? S : never;

/** Of layers without parameters or without state. */
export type Empty = Readonly<Record<never, never>>;

/** A layer that is a function: neither parameters nor state. `outputShape` defaults to the input's. */
export function functionLayer(
  kind: string,
  f: (x: Tensor) => Tensor,
  outputShape: (inputShape: Shape) => Shape = (shape) => shape,
): Layer<Empty, Empty> {
  return {
    kind,
    init: (_key, inputShape) => ({ params: {}, state: {}, outputShape: outputShape(inputShape) }),
    apply: (_params, state, x) => [f(x), state],
  };
}

/** Layers by name, checked: `['conv1', layer]` in the order in which they are applied. */
export function namedLayers(op: string, layers: Readonly<Record<string, Layer>> | readonly Layer[]): [string, Layer][] {
  if (isLayer(layers))
    throw new OptionError(op, [
      `layers come in one object, by name, or in one array; received a layer, ${layers.kind}`,
    ]);
  const entries = Object.entries(layers);
  const reasons: string[] = [];
  for (const [name, layer] of entries) {
    // Names are joined by dots into the names of parameters.
    if (name === '' || name.includes('.')) reasons.push(`the name '${name}' must be neither empty nor contain a dot`);
    // Assigned to, it would set a prototype.
    if (name === '__proto__') reasons.push("the name '__proto__' is taken by JavaScript; choose another");
    if (!isLayer(layer)) {
      const hint =
        typeof layer === 'function'
          ? 'a function; use the constructor whose name ends in Layer, and call it'
          : String(layer);
      reasons.push(`'${name}' must be a layer, received ${hint}`);
    }
  }
  const numbered = entries.filter(([name]) => /^(0|[1-9]\d*)$/.test(name));
  if (numbered.length > 0 && numbered.length < entries.length) {
    reasons.push(
      `names are all numbers or none is: JavaScript puts ${numbered.map(([name]) => `'${name}'`).join(', ')} before the others, whatever the order in which they were written`,
    );
  }
  if (reasons.length > 0) throw new OptionError(op, reasons);
  return entries;
}

function isLayer(value: unknown): value is Layer {
  const { init, apply } = (value ?? {}) as Partial<Layer>;
  return typeof init === 'function' && typeof apply === 'function';
}

import type { Shape } from '@lemmata/shape';
import { Abstract, foldIn, type Tensor } from '@lemmata/tensor';
import { type Layer, namedLayers, type ParamsOf, type StateOf } from './layer.js';
import { contextOf, inLayer } from './sequential.js';

/** Applies one of the layers, by name, to a tensor. */
export type CallLayer<L> = (name: keyof L & string, x: Tensor) => Tensor;

export interface ComposeOptions<L> {
  /** The layers, in order, through which an output sees most of the input: for receptive fields. Default: not told. */
  readonly path?: readonly (keyof L & string)[];
}

/**
 * Layers connected by a function: for what is neither a sequence nor parallel branches, such as skip connections.
 * `forward` is written once; run on tensors without elements it tells `init` the shapes. Each layer is called once.
 *
 * @example
 * compose('block', { conv1, bn1, conv2, bn2 }, (call, x) =>
 *   relu(add(call('bn2', call('conv2', relu(call('bn1', call('conv1', x))))), x)));
 * @throws ShapeError naming the layer that cannot take its input.
 */
export function compose<const L extends Readonly<Record<string, Layer>>>(
  kind: string,
  layers: L,
  forward: (call: CallLayer<L>, x: Tensor) => Tensor,
  options: ComposeOptions<L> = {},
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StateOf<L[K]> }> {
  const entries = namedLayers(kind, layers);
  const numbers = new Map(entries.map(([name], i) => [name, i]));
  const numberOf = (name: string, called: Set<string>): number => {
    const i = numbers.get(name);
    if (i === undefined)
      throw new Error(`${kind}: there is no layer '${name}'; there are ${[...numbers.keys()].join(', ')}`);
    if (called.has(name)) throw new Error(`${kind}: layer '${name}' is called twice; its state would be ambiguous`);
    called.add(name);
    return i;
  };
  const complete = (called: Set<string>): void => {
    const idle = [...numbers.keys()].filter((name) => !called.has(name));
    if (idle.length > 0) throw new Error(`${kind}: layer '${idle.join("', '")}' is never called`);
  };

  /** Runs `forward` on shapes alone; `see` is told what each layer is given, and says what it makes of it. */
  const follow = (inputShape: Shape, see: (name: string, i: number, shape: Shape) => Shape): Shape => {
    const abstract = new Abstract();
    const called = new Set<string>();
    const make = (shape: Shape): Tensor => abstract.tensor({ shape: [1, ...shape], dtype: 'float32' });
    const y = forward((name, x) => make(see(name, numberOf(name, called), x.shape.slice(1))), make(inputShape));
    complete(called);
    return y.shape.slice(1);
  };
  const inOrder = (record: Record<string, unknown>): any =>
    Object.fromEntries(entries.map(([name]) => [name, record[name]]));

  return {
    kind,
    layers: Object.fromEntries(entries),
    arrangement: 'graph',
    ...(options.path === undefined ? {} : { path: options.path }),
    flow(key, inputShape) {
      const shapes: Record<string, Shape> = {};
      follow(inputShape, (name, _, shape) => {
        shapes[name] = shape;
        return inLayer(name, () => layers[name]!.init(key, shape).outputShape);
      });
      return shapes;
    },
    init(key, inputShape) {
      const params: Record<string, unknown> = {};
      const state: Record<string, unknown> = {};
      const outputShape = follow(inputShape, (name, i, shape) => {
        const made = inLayer(name, () => layers[name]!.init(foldIn(key, i), shape));
        params[name] = made.params;
        state[name] = made.state;
        return made.outputShape;
      });
      return { params: inOrder(params), state: inOrder(state), outputShape };
    },
    apply(params, state, x, context) {
      const next: Record<string, unknown> = {};
      const called = new Set<string>();
      const y = forward((name, input) => {
        const i = numberOf(name, called);
        const [output, after] = inLayer(name, () =>
          layers[name]!.apply(params[name], state[name], input, contextOf(context, i)),
        );
        next[name] = after;
        return output;
      }, x);
      return [y, inOrder(next)];
    },
  };
}

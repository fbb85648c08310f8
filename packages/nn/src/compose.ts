import { type Shape, unknownOptions } from '@lemmata/shape';
import { Abstract, foldIn, type OpDef, type Tensor } from '@lemmata/tensor';
import { foldedPart, joined, membersOf, type Part } from './fold.js';
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
 * @throws ShapeError naming the layer that cannot take its input; OptionError for what is not a layer, or unknown options.
 */
export function compose<const L extends Readonly<Record<string, Layer>>>(
  kind: string,
  layers: L,
  forward: (call: CallLayer<L>, x: Tensor) => Tensor,
  options: ComposeOptions<L> = {},
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StateOf<L[K]> }> {
  unknownOptions(kind, options, ['path']);
  const entries = namedLayers(kind, layers);
  const numbers = new Map(entries.map(([name], i) => [name, i]));
  const known = (name: string): number => {
    const i = numbers.get(name);
    if (i === undefined)
      throw new Error(`${kind}: there is no layer '${name}'; there are ${[...numbers.keys()].join(', ')}`);
    return i;
  };
  options.path?.forEach(known);
  const numberOf = (name: string, called: Set<string>): number => {
    const i = known(name);
    if (called.has(name)) throw new Error(`${kind}: layer '${name}' is called twice; its state would be ambiguous`);
    called.add(name);
    return i;
  };
  const complete = (called: Set<string>): void => {
    const idle = [...numbers.keys()].filter((name) => !called.has(name));
    if (idle.length > 0) throw new Error(`${kind}: layer '${idle.join("', '")}' is never called`);
  };

  /** Runs `forward` on shapes alone; `see` is told what each layer is given, and says what it makes of it. */
  const follow = (
    inputShape: Shape,
    see: (name: string, i: number, shape: Shape) => Shape,
    reads: Reads = new Reads(),
  ): Shape => {
    const called = new Set<string>();
    // A batch of one would be broadcast where a larger one is refused.
    const make = (shape: Shape): Tensor => reads.tensor({ shape: [2, ...shape], dtype: 'float32' });
    const y = forward((name, x) => {
      const output = make(see(name, numberOf(name, called), x.shape.slice(1)));
      reads.call(name, x, output);
      return output;
    }, make(inputShape));
    complete(called);
    reads.count(y);
    return y.shape.slice(1);
  };
  const inOrder = (record: Record<string, unknown>): any =>
    Object.fromEntries(entries.map(([name]) => [name, record[name]]));

  return {
    kind,
    layers: Object.fromEntries(entries),
    arrangement: 'graph',
    ...options,
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
    fold(params, state, inputShape) {
      const parts = new Map<string, Part>();
      /** Of layers that are folded away, where they are now. */
      const within = new Map<string, string>();
      const reads = new Reads();
      follow(
        inputShape,
        (name, _, shape) => {
          const part = inLayer(name, () => foldedPart(layers[name]!, params[name], state[name], shape));
          parts.set(name, part);
          return part.outputShape;
        },
        reads,
      );
      for (const name of parts.keys()) {
        const from = reads.soleSource(name);
        if (from === undefined) continue;
        const before = within.get(from) ?? from;
        const together = joined(parts.get(before)!, parts.get(name)!);
        if (together === null) continue;
        parts.set(before, together);
        parts.delete(name);
        within.set(name, before);
      }
      const kept = new Map(entries.flatMap(([name]) => (parts.has(name) ? [[name, parts.get(name)!] as const] : [])));
      return {
        layer: compose<Readonly<Record<string, Layer>>>(
          kind,
          membersOf(kept, 'layer'),
          (call, x) => forward((name, input) => (within.has(name) ? input : call(name, input)), x),
          options.path === undefined ? {} : { path: options.path.filter((name) => kept.has(name)) },
        ),
        params: membersOf(kept, 'params'),
        state: membersOf(kept, 'state'),
      };
    },
  };
}

/** Shapes alone, and who reads what. */
class Reads extends Abstract {
  private readonly readers = new Map<Tensor, number>();
  private readonly inputs = new Map<string, Tensor>();
  private readonly sources = new Map<Tensor, string>();

  override bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    inputs.forEach((t) => this.count(t));
    return super.bind(op, attrs, inputs);
  }

  /** A layer reads one tensor, and gives another. */
  call(name: string, input: Tensor, output: Tensor): void {
    this.count(input);
    this.inputs.set(name, input);
    this.sources.set(output, name);
  }

  count(t: Tensor): void {
    this.readers.set(t, (this.readers.get(t) ?? 0) + 1);
  }

  /** The layer whose output a layer reads, if nothing else reads it. */
  soleSource(name: string): string | undefined {
    const input = this.inputs.get(name)!;
    return this.readers.get(input) === 1 ? this.sources.get(input) : undefined;
  }
}

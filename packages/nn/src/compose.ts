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
  options.path?.forEach((name) => numberOf(kind, numbers, name));
  const run = eachOnce(kind, numbers, forward);
  const inOrder = (record: Record<string, unknown>): any =>
    Object.fromEntries(entries.map(([name]) => [name, record[name]]));

  return {
    kind,
    layers: Object.fromEntries(entries),
    arrangement: 'graph',
    ...options,
    flow(key, inputShape) {
      const shapes: Record<string, Shape> = {};
      follow(run, inputShape, (name, _, shape) => {
        shapes[name] = shape;
        return inLayer(name, () => layers[name]!.init(key, shape).outputShape);
      });
      return shapes;
    },
    init(key, inputShape) {
      const params: Record<string, unknown> = {};
      const state: Record<string, unknown> = {};
      const outputShape = follow(run, inputShape, (name, i, shape) => {
        const made = inLayer(name, () => layers[name]!.init(foldIn(key, i), shape));
        params[name] = made.params;
        state[name] = made.state;
        return made.outputShape;
      });
      return { params: inOrder(params), state: inOrder(state), outputShape };
    },
    apply(params, state, x, context) {
      const next: Record<string, unknown> = {};
      const y = run(x, (name, i, input) => {
        const [output, after] = inLayer(name, () =>
          layers[name]!.apply(params[name], state[name], input, contextOf(context, i)),
        );
        next[name] = after;
        return output;
      });
      return [y, inOrder(next)];
    },
    fold(params, state, inputShape) {
      const { parts, within } = foldedParts(run, inputShape, (name, shape) =>
        foldedPart(layers[name]!, params[name], state[name], shape),
      );
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

/** Runs a graph of layers on x; `call` applies the i-th layer. */
type Run = (x: Tensor, call: (name: string, i: number, x: Tensor) => Tensor) => Tensor;

function numberOf(kind: string, numbers: ReadonlyMap<string, number>, name: string): number {
  const i = numbers.get(name);
  if (i !== undefined) return i;
  throw new Error(`${kind}: there is no layer '${name}'; there are ${[...numbers.keys()].join(', ')}`);
}

/** `forward`, held to call every layer once. */
function eachOnce(
  kind: string,
  numbers: ReadonlyMap<string, number>,
  forward: (call: (name: string, x: Tensor) => Tensor, x: Tensor) => Tensor,
): Run {
  return (x, call) => {
    const called = new Set<string>();
    const y = forward((name, input) => {
      const i = numberOf(kind, numbers, name);
      if (called.has(name)) throw new Error(`${kind}: layer '${name}' is called twice; its state would be ambiguous`);
      called.add(name);
      return call(name, i, input);
    }, x);
    const idle = [...numbers.keys()].filter((name) => !called.has(name));
    if (idle.length > 0) throw new Error(`${kind}: layer '${idle.join("', '")}' is never called`);
    return y;
  };
}

/** Runs a graph on shapes alone: `outputShape` says what each layer makes of its input shape. Returns that of the result. */
function follow(
  run: Run,
  inputShape: Shape,
  outputShape: (name: string, i: number, shape: Shape) => Shape,
  reads: Reads = new Reads(),
): Shape {
  // A batch of one would be broadcast where a larger one is refused.
  const make = (shape: Shape): Tensor => reads.tensor({ shape: [2, ...shape], dtype: 'float32' });
  const y = run(make(inputShape), (name, i, x) => {
    const output = make(outputShape(name, i, x.shape.slice(1)));
    reads.call(name, x, output);
    return output;
  });
  reads.count(y);
  return y.shape.slice(1);
}

/** The layers of a graph, folded: `within` has those that are gone, each with the layer that has taken it in. */
function foldedParts(
  run: Run,
  inputShape: Shape,
  partOf: (name: string, shape: Shape) => Part,
): { parts: Map<string, Part>; within: Map<string, string> } {
  const parts = new Map<string, Part>();
  const within = new Map<string, string>();
  const reads = new Reads();
  const see = (name: string, _: number, shape: Shape): Shape => {
    const part = inLayer(name, () => partOf(name, shape));
    parts.set(name, part);
    return part.outputShape;
  };
  follow(run, inputShape, see, reads);
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
  return { parts, within };
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

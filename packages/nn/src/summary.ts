import { type Field, type Shape, sizeOf } from '@lemmata/shape';
import { Abstract, isTensor, type Tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import type { Layer } from './layer.js';
import { followedBatch, multiplyAdds } from './multiply-adds.js';
import { inLayer } from './sequential.js';
import { behind, beside, fieldsOf, noWindows, type Windows, windowsOf } from './windows.js';

/** One layer of a network. */
export interface SummaryRow {
  /** Its path, such as `conv1` or `block1.body.conv1`: where its parameters are. Of a network that is one layer: ''. */
  readonly name: string;
  readonly kind: string;
  /** How many layers it stands in, from 0. */
  readonly depth: number;
  /** Whether there is none inside: parameters, flops and memory of these rows add up to the network's. */
  readonly innermost: boolean;
  /** Without the batch. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Numbers that are learnt, those of layers inside included. A tensor that stands in two places counts in the first. */
  readonly parameters: number;
  /**
   * Multiply-adds for one input in inference: products that convolutions and matrix products add up, each with its addition
   * as one, which is what papers call FLOPs. Work element by element (norms, activations, pooling) is left out.
   */
  readonly flops: number;
  /** Bytes in float32: its parameters and state, and what it gives for one input; or all that of the layers inside. */
  readonly memory: number;
  /**
   * What an element of its output sees of the network's input, for each spatial axis of an input [C, ...spatial]; null
   * where that may be everything, or the input has no spatial axes.
   */
  readonly field: readonly Field[] | null;
}

export interface Summary {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Every layer but the outermost `sequential`, each before those inside it. */
  readonly rows: readonly SummaryRow[];
  /** Numbers that are learnt; a tensor used twice counts once. */
  readonly parameters: number;
  /** Numbers that are carried from step to step and not learnt, such as running statistics. */
  readonly stateSize: number;
  /** Multiply-adds for one input, see {@link SummaryRow.flops}. */
  readonly flops: number;
  /** Bytes in float32: parameters and state, and what every innermost layer gives for one input. */
  readonly memory: number;
}

/**
 * What a network is made of, layer by layer, without making it: no parameter is drawn and no memory taken for one,
 * however large the network is.
 *
 * @param inputShape without the batch.
 * @throws ShapeError naming the layer that cannot take its input; Error for a layer that reads elements of its input.
 */
export function summary(layer: Layer, inputShape: Shape): Summary {
  const key = new Abstract().tensor({ shape: [2], dtype: 'int32' });
  const { params, state, outputShape } = layer.init(key, inputShape);
  const batch = followedBatch(layer, params, state, inputShape);
  const visit: Visit = { rows: [], key, batch, seen: new Set() };
  const whole: Place = { name: '', depth: 0, layer, params, state, inputShape, before: noWindows(inputShape) };
  const { given } = isInnermost(layer) ? addRow(visit, whole) : inside(visit, { ...whole, prefix: '', depth: -1 });
  const parameters = unseen(params, new Set());
  const stateSize = unseen(state, new Set());
  return {
    inputShape,
    outputShape,
    rows: visit.rows,
    parameters,
    stateSize,
    flops: multiplyAdds(layer, params, state, inputShape, batch),
    memory: BYTES * (parameters + stateSize + given),
  };
}

/** Of a number in float32. */
const BYTES = 4;

interface Visit {
  readonly rows: SummaryRow[];
  readonly key: Tensor;
  /** See {@link followedBatch}. */
  readonly batch: number;
  /** Tensors that stand in a row above. */
  readonly seen: Set<unknown>;
}

/** A layer in its place. */
interface Place {
  readonly name: string;
  readonly depth: number;
  readonly layer: Layer;
  /** The layer's own. */
  readonly params: any;
  readonly state: any;
  readonly inputShape: Shape;
  /** What has slid over the network's input so far. */
  readonly before: Windows;
}

interface Visited {
  /** Of the layer by itself. */
  readonly windows: Windows;
  /** Numbers that the innermost layers give for one input. */
  readonly given: number;
}

const isInnermost = ({ layers = {} }: Layer): boolean => Object.keys(layers).length === 0;

/** How many numbers a tree holds in tensors that were not seen. */
function unseen(tree: unknown, seen: ReadonlySet<unknown>): number {
  const fresh = new Set((leaves<unknown>(tree) as unknown[]).filter((leaf) => isTensor(leaf) && !seen.has(leaf)));
  return ([...fresh] as Tensor[]).reduce((total, { size }) => total + size, 0);
}

/** Adds the row of a layer, and behind it those of the layers inside. */
function addRow(visit: Visit, place: Place): Visited {
  const { name, depth, layer, params, state, inputShape, before } = place;
  const { outputShape } = layer.init(visit.key, inputShape);
  const parameters = unseen(params, visit.seen);
  const carried = unseen(state, visit.seen);
  const flops = multiplyAdds(layer, params, state, inputShape, visit.batch);
  const at = visit.rows.length;
  const innermost = isInnermost(layer);
  const { windows, given } = innermost
    ? { windows: windowsOf(layer, inputShape, outputShape), given: sizeOf(outputShape) }
    : inside(visit, { ...place, prefix: `${name}.` });
  for (const leaf of [...leaves<unknown>(params), ...leaves<unknown>(state)]) visit.seen.add(leaf);
  visit.rows.splice(at, 0, {
    name,
    kind: layer.kind,
    depth,
    innermost,
    inputShape,
    outputShape,
    parameters,
    flops,
    memory: BYTES * (parameters + carried + given),
    field: fieldsOf(behind(before, windows)),
  });
  return { windows, given };
}

/** Adds the rows of the layers inside one. */
function inside(visit: Visit, place: Omit<Place, 'name'> & { readonly prefix: string }): Visited {
  const { prefix, depth, layer, params, state, inputShape, before } = place;
  const { layers = {}, arrangement, flow, path } = layer;
  const entries = Object.entries(layers);
  let given = 0;
  const step = (name: string, inner: Layer, shape: Shape, windows: Windows): Windows => {
    const own = { name: `${prefix}${name}`, depth: depth + 1, params: params[name], state: state[name] };
    const visited = inLayer(name, () => addRow(visit, { ...own, layer: inner, inputShape: shape, before: windows }));
    given += visited.given;
    return visited.windows;
  };
  if (arrangement === 'branches') {
    const branches = entries.map(([name, inner]) => step(name, inner, inputShape, before));
    return { windows: before && beside(branches, before.length), given };
  }
  let own: Windows = before && before.map(() => []);
  if (arrangement === 'graph') {
    const shapes = flow!(visit.key, inputShape);
    // What a layer off the path sees of the input is not told.
    for (const [name, inner] of entries) {
      const on = path?.includes(name) === true;
      const windows = step(name, inner, shapes[name]!, on ? behind(before, own) : null);
      if (on) own = behind(own, windows);
    }
    return { windows: path === undefined ? null : own, given };
  }
  let shape = inputShape;
  for (const [name, inner] of entries) {
    own = behind(own, step(name, inner, shape, behind(before, own)));
    shape = inner.init(visit.key, shape).outputShape;
  }
  return { windows: own, given };
}

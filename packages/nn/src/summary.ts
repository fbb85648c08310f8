import { type Field, type FieldItem, receptiveField, type Shape } from '@lemmata/shape';
import { Abstract, type Tensor } from '@lemmata/tensor';
import { countParameters } from './count-parameters.js';
import type { Layer } from './layer.js';
import { inLayer } from './sequential.js';

/** One layer of a network. */
export interface SummaryRow {
  /** Its path, such as `conv1` or `block1.body.conv1`: where its parameters are. Of a network that is one layer: ''. */
  readonly name: string;
  readonly kind: string;
  /** How many layers it stands in, from 0. */
  readonly depth: number;
  /** Without the batch. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Numbers that are learnt, those of layers inside included. */
  readonly parameters: number;
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
}

/** Of a layer: for each spatial axis what slides along it; null where positions are lost. */
type Windows = readonly (readonly FieldItem[])[] | null;

/**
 * What a network is made of, layer by layer, without making it: no parameter is drawn and no memory taken for one,
 * however large the network is.
 *
 * @param inputShape without the batch.
 * @throws ShapeError naming the layer that cannot take its input.
 */
export function summary(layer: Layer, inputShape: Shape): Summary {
  const key = new Abstract().tensor({ shape: [2], dtype: 'int32' });
  const rows: SummaryRow[] = [];
  const { params, state, outputShape } = layer.init(key, inputShape);
  const none: Windows = inputShape.length > 1 ? inputShape.slice(1).map(() => []) : null;
  if (layer.layers === undefined || Object.keys(layer.layers).length === 0)
    visit(rows, key, '', 0, layer, inputShape, none);
  else inside(rows, key, '', 0, layer, inputShape, none);
  return { inputShape, outputShape, rows, parameters: countParameters(params), stateSize: countParameters(state) };
}

/** Adds the rows of a layer; returns its output shape and its own windows, which stand behind `before`. */
function visit(
  rows: SummaryRow[],
  key: Tensor,
  name: string,
  depth: number,
  layer: Layer,
  inputShape: Shape,
  before: Windows,
): Visited {
  const { params, outputShape } = layer.init(key, inputShape);
  const at = rows.length;
  const own =
    layer.layers === undefined
      ? windowsOf(layer, inputShape, outputShape)
      : inside(rows, key, `${name}.`, depth + 1, layer, inputShape, before);
  const after = behind(before, own);
  const field = after && after.map((items) => fieldOf(items));
  rows.splice(at, 0, {
    name,
    kind: layer.kind,
    depth,
    inputShape,
    outputShape,
    parameters: countParameters(params),
    field,
  });
  return { outputShape, windows: own };
}

interface Visited {
  readonly outputShape: Shape;
  readonly windows: Windows;
}

/** Adds the rows of the layers inside one; returns the windows of all of them together. */
function inside(
  rows: SummaryRow[],
  key: Tensor,
  prefix: string,
  depth: number,
  { layers = {}, arrangement, flow, path }: Layer,
  inputShape: Shape,
  before: Windows,
): Windows {
  const step = (name: string, layer: Layer, shape: Shape, windows: Windows): Visited =>
    inLayer(name, () => visit(rows, key, `${prefix}${name}`, depth, layer, shape, windows));
  const entries = Object.entries(layers);
  if (arrangement === 'branches') {
    const branches = entries.map(([name, layer]) => step(name, layer, inputShape, before).windows);
    if (before === null || branches.includes(null)) return null;
    const joined = before.map((_, axis) => branches.map((windows) => windows![axis]!));
    // Branches that step differently have no common place in the input.
    const steps = joined.map((axis) => new Set(axis.map((items) => receptiveField(items).jump)).size);
    return steps.some((n) => n > 1) ? null : joined.map((axis) => [{ branches: axis }]);
  }
  let shape = inputShape;
  let own: Windows = before && before.map(() => []);
  if (arrangement === 'graph') {
    const shapes = flow!(key, inputShape);
    // What a layer off the path sees of the input is not told.
    for (const [name, layer] of entries) {
      const on = path?.includes(name) === true;
      const { windows } = step(name, layer, shapes[name]!, on ? behind(before, own) : null);
      if (on) own = behind(own, windows);
    }
    return path === undefined ? null : own;
  }
  for (const [name, layer] of entries) {
    const { outputShape, windows } = step(name, layer, shape, behind(before, own));
    own = behind(own, windows);
    shape = outputShape;
  }
  return own;
}

function windowsOf(layer: Layer, inputShape: Shape, outputShape: Shape): Windows {
  if (inputShape.length < 2) return null;
  if (layer.window !== undefined) {
    const windows = layer.window(inputShape);
    return windows && windows.map((window) => [window]);
  }
  const stays =
    outputShape.length === inputShape.length && outputShape.every((n, axis) => axis === 0 || n === inputShape[axis]);
  return stays ? inputShape.slice(1).map(() => []) : null;
}

function behind(first: Windows, second: Windows): Windows {
  return first && second && first.map((items, axis) => [...items, ...second[axis]!]);
}

function fieldOf(items: readonly FieldItem[]): Field {
  const { size, jump, start } = receptiveField(items);
  return { size, jump, start };
}

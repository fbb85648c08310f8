import {
  formatValue,
  normalizeAxis,
  OptionError,
  sameShape,
  type Shape,
  ShapeError,
  type ShapeReason,
  unknownOptions,
} from '@lemmata/shape';
import { add, concat, foldIn, type Tensor } from '@lemmata/tensor';
import { foldedPart, membersOf } from './fold.js';
import { functionLayer, type Empty, type Layer, namedLayers, type ParamsOf, type StateOf } from './layer.js';
import { contextOf, inLayer } from './sequential.js';

export interface ParallelOptions {
  /** `concat`: the outputs one behind the other along `axis` (default). `sum`: added up. */
  readonly join?: 'concat' | 'sum';
  /** Of the outputs, the batch counted as axis 0. Default 1, the channels. */
  readonly axis?: number;
}

/**
 * Layers side by side, by name: all read the same input, and their outputs are joined. The names are those of the
 * parameters. Each layer gets a key of its own.
 *
 * @throws OptionError for no layers, what is not a layer, or unknown options; ShapeError where outputs cannot be joined.
 */
export function parallel<const L extends Readonly<Record<string, Layer>>>(
  layers: L,
  options: ParallelOptions = {},
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StateOf<L[K]> }> {
  unknownOptions('parallel', options, ['join', 'axis']);
  const { join = 'concat', axis = 1 } = options;
  if (join !== 'concat' && join !== 'sum')
    throw new OptionError('parallel', [`join is 'concat' or 'sum', received ${formatValue(join)}`]);
  if (join === 'sum' && options.axis !== undefined)
    throw new OptionError('parallel', ["axis belongs to join: 'concat'; a sum has none"]);
  if (axis === 0 || !Number.isInteger(axis))
    throw new OptionError('parallel', [`axis is an integer other than 0, the batch; received ${formatValue(axis)}`]);
  return branches('parallel', layers, join === 'sum' ? SUM : concatenation(axis)) as never;
}

export interface ResidualOptions<Q, T> {
  /** What the input passes through beside the body, where shapes change. Default: nothing, the identity. */
  readonly shortcut?: Layer<Q, T>;
}

const IDENTITY: Layer<Empty, Empty> = functionLayer('identity', (x) => x);

/**
 * body(x) + shortcut(x). The parameters are `body.…` and `shortcut.…`.
 *
 * @throws ShapeError where body and shortcut give different shapes.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1512.03385
 */
export function residual<P, S, Q = Empty, T = Empty>(
  body: Layer<P, S>,
  options: ResidualOptions<Q, T> = {},
): Layer<{ readonly body: P; readonly shortcut: Q }, { readonly body: S; readonly shortcut: T }> {
  unknownOptions('residual', options, ['shortcut']);
  return branches('residual', { body, shortcut: options.shortcut ?? IDENTITY }, SUM) as never;
}

/** How outputs become one: their values, and their shapes without the batch. */
interface Join {
  values(outputs: readonly Tensor[]): Tensor;
  shape(kind: string, shapes: Readonly<Record<string, Shape>>): Shape;
}

const SUM: Join = {
  values: (outputs) => outputs.reduce((total, y) => add(total, y)),
  shape(kind, shapes) {
    const [first, ...rest] = Object.values(shapes) as [Shape, ...Shape[]];
    if (rest.every((shape) => sameShape(shape, first))) return first;
    const hint =
      kind === 'residual'
        ? 'Give a shortcut that makes the shape of the body, such as a 1×1 convolution of the same stride'
        : 'Make the shapes equal';
    throw new ShapeError(
      kind,
      [{ rule: 'outputs that are added have equal shapes', received: Object.values(shapes), hint }],
      shapes,
    );
  },
};

function concatenation(axis: number): Join {
  return {
    values: (outputs) => concat(outputs, axis),
    shape(kind, shapes) {
      const [first, ...rest] = Object.values(shapes) as [Shape, ...Shape[]];
      const along = normalizeAxis(kind, axis, first.length + 1) - 1;
      const reasons: ShapeReason[] = [];
      if (along < 0) reasons.push({ rule: 'outputs are not joined along the batch', received: axis });
      for (const shape of rest) {
        if (shape.length !== first.length || shape.some((n, i) => i !== along && n !== first[i])) {
          reasons.push({
            rule: `outputs that are joined differ along axis ${along + 1} alone`,
            received: shape,
            expected: first,
            hint: 'Give the branches the same strides, and padding that keeps the size',
          });
        }
      }
      if (reasons.length > 0) throw new ShapeError(kind, reasons, shapes);
      return first.map((n, i) =>
        i === along ? [first, ...rest].reduce((total, shape) => total + shape[along]!, 0) : n,
      );
    },
  };
}

function branches(kind: string, layers: Readonly<Record<string, Layer>>, join: Join): Layer {
  const entries = namedLayers(kind, layers);
  if (entries.length === 0) throw new OptionError(kind, ['there must be at least one layer']);
  return {
    kind,
    layers: Object.fromEntries(entries),
    arrangement: 'branches',
    init(key, inputShape) {
      const made = entries.map(
        ([name, layer], i) => [name, inLayer(name, () => layer.init(foldIn(key, i), inputShape))] as const,
      );
      return {
        params: Object.fromEntries(made.map(([name, { params }]) => [name, params])),
        state: Object.fromEntries(made.map(([name, { state }]) => [name, state])),
        outputShape: join.shape(kind, Object.fromEntries(made.map(([name, { outputShape }]) => [name, outputShape]))),
      };
    },
    apply(params, state, x, context) {
      const applied = entries.map(([name, layer], i) =>
        inLayer(name, () => layer.apply(params[name], state[name], x, contextOf(context, i))),
      );
      const named = <T>(f: (i: number) => T): Record<string, T> =>
        Object.fromEntries(entries.map(([name], i) => [name, f(i)]));
      // A sum would broadcast without a word.
      join.shape(
        kind,
        named((i) => applied[i]![0].shape.slice(1)),
      );
      return [join.values(applied.map(([y]) => y)), named((i) => applied[i]![1])];
    },
    fold(params, state, inputShape) {
      const parts = new Map(
        entries.map(([name, layer]) => [
          name,
          inLayer(name, () => foldedPart(layer, params[name], state[name], inputShape)),
        ]),
      );
      return {
        layer: branches(kind, membersOf(parts, 'layer'), join),
        params: membersOf(parts, 'params'),
        state: membersOf(parts, 'state'),
      };
    },
  };
}

import { OptionError, ShapeError, type Shape } from '@lemmata/shape';
import { foldIn, type Tensor } from '@lemmata/tensor';
import { foldedPart, joined, membersOf, type Part } from './fold.js';
import { type Context, type Layer, namedLayers, type ParamsOf, type StateOf } from './layer.js';

/**
 * Layers one after the other, by name. The names are those of the parameters: `sequential({ conv1: … })` has
 * `conv1.weight`. An array names its layers '0', '1', …; numbers as names go in ascending order. Each layer gets a key of
 * its own. Without layers: the identity.
 *
 * @throws OptionError for what is not a layer, or a name that cannot be one; ShapeError naming the layer that cannot take
 * what the one before gives.
 */
export function sequential<const L extends Readonly<Record<string, Layer>>>(
  layers: L,
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StateOf<L[K]> }>;
export function sequential(
  layers: readonly Layer[],
): Layer<Readonly<Record<string, any>>, Readonly<Record<string, any>>>;
export function sequential(layers: Readonly<Record<string, Layer>> | readonly Layer[]): Layer {
  const entries = namedLayers('sequential', layers);
  return {
    kind: 'sequential',
    layers: Object.fromEntries(entries),
    init(key, inputShape) {
      const params: Record<string, unknown> = {};
      const state: Record<string, unknown> = {};
      let shape: Shape = inputShape;
      entries.forEach(([name, layer], i) => {
        const made = inLayer(name, () => layer.init(foldIn(key, i), shape));
        params[name] = made.params;
        state[name] = made.state;
        shape = made.outputShape;
      });
      return { params, state, outputShape: shape };
    },
    apply(params, state, x, context) {
      const next: Record<string, unknown> = {};
      let y = x;
      entries.forEach(([name, layer], i) => {
        [y, next[name]] = inLayer(name, () => layer.apply(params[name], state[name], y, contextOf(context, i)));
      });
      return [y, next];
    },
    fold(params, state, inputShape) {
      const parts = new Map<string, Part>();
      let shape: Shape = inputShape;
      let last = '';
      for (const [name, layer] of entries) {
        const part = inLayer(name, () => foldedPart(layer, params[name], state[name], shape));
        const before = parts.get(last);
        const together = before === undefined ? null : joined(before, part);
        if (together === null) last = name;
        parts.set(last, together ?? part);
        shape = part.outputShape;
      }
      return {
        layer: sequential(membersOf(parts, 'layer')),
        params: membersOf(parts, 'params'),
        state: membersOf(parts, 'state'),
      };
    },
    absorb(params, map, outputShape) {
      const [name, layer] = entries[entries.length - 1] ?? [];
      const absorbed = name === undefined ? null : (layer!.absorb?.(params[name], map, outputShape) ?? null);
      if (absorbed === null) return null;
      return {
        layer: sequential({ ...Object.fromEntries(entries), [name!]: absorbed.layer }),
        params: { ...params, [name!]: absorbed.params },
      };
    },
  };
}

/** The context of the i-th of several layers: the same, with a key of its own. */
export function contextOf(context: Context, i: number): Context {
  if (context === undefined)
    throw new TypeError('apply: the last argument is missing; give { train: false }, or { train: true, key }');
  return context.key === undefined ? context : { ...context, key: foldIn(context.key, i) };
}

/** Puts the name of a layer before the op that a ShapeError or OptionError from inside names: `conv2 > conv2d: …`. */
export function inLayer<T>(name: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const named =
      error instanceof ShapeError
        ? new ShapeError(`${name} > ${error.op}`, error.reasons, error.shapes)
        : error instanceof OptionError
          ? new OptionError(`${name} > ${error.op}`, error.reasons)
          : null;
    if (named === null) throw error;
    named.cause = error;
    throw named;
  }
}

/** Applies a layer as a plain function, in inference mode, for a look at its output. */
export function infer<P, S>(layer: Layer<P, S>, params: P, state: S, x: Tensor): Tensor {
  return layer.apply(params, state, x, { train: false })[0];
}

import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, Problems, sameShape, type Shape, unknownOptions } from '@lemmata/shape';
import type { Spec, Tensor } from '@lemmata/tensor';

export interface AdaptivePoolOptions {
  /** Sizes along the spatial axes: one number for all, or one for each; null keeps the size of the input. */
  readonly outputSize: number | readonly (number | null)[];
}

/** Spatial sizes of the output, for an input `[N, C, ...spatial]` of `rank` spatial axes. */
export function adaptiveSizes(op: string, rank: number, input: Shape, options: AdaptivePoolOptions): number[] {
  checkAdaptiveOptions(op, rank, options);
  const problems = new Problems(op);
  if (input.length !== rank + 2) {
    problems.add({ rule: `input must have ${rank + 2} axes [N, C, ...spatial]`, received: input.length });
    problems.throwIfAny({ input });
  }
  const { outputSize } = options;
  return input.slice(2).map((n, axis) => (typeof outputSize === 'number' ? outputSize : (outputSize[axis] ?? n)));
}

/** Throws an OptionError for sizes that are none, whatever the input. */
function checkAdaptiveOptions(op: string, rank: number, options: AdaptivePoolOptions): void {
  unknownOptions(op, options, ['outputSize']);
  const { outputSize } = options;
  const list: readonly unknown[] = Array.isArray(outputSize) ? outputSize : new Array(rank).fill(outputSize ?? NaN);
  const valid = list.every((n) => n === null || (Number.isSafeInteger(n) && (n as number) >= 1));
  if (list.length === rank && valid) return;
  throw new OptionError(op, [
    `outputSize must be a number of at least 1, or such a number or null for each of the ${rank} spatial axes, received ${formatValue(outputSize)}`,
  ]);
}

/** Shape of a pooling of x `[N, C, ...spatial]` to these sizes; throws a ShapeError where it has none. */
export function adaptiveShape(op: string, input: Shape, output: Shape): number[] {
  const problems = new Problems(op);
  const spatial = input.slice(2);
  if (spatial.length === 0 || spatial.length !== output.length)
    problems.add({ rule: `input must have ${output.length + 2} axes [N, C, ...spatial]`, received: input.length });
  spatial.forEach((n, axis) => {
    if (n === 0) problems.add({ rule: 'an axis without elements cannot be shared out', axis: axis + 2 });
  });
  problems.throwIfAny({ input });
  return [...input.slice(0, 2), ...output];
}

/** Throws a ShapeError unless y has the shape of a pooling of x to y's own sizes. */
export function checkAdaptive(op: string, x: Shape, y: Shape): void {
  const expected = adaptiveShape(op, x, y.slice(2));
  if (sameShape(expected, y)) return;
  const problems = new Problems(op);
  problems.add({ rule: 'y must have the shape of a pooling', received: y, expected });
  problems.throwIfAny({ x, y });
}

/** A pooling to fixed sizes as a layer: `f` without parameters or state, along `rank` spatial axes. `check` refuses what f does. */
export function adaptiveLayer(
  kind: string,
  rank: number,
  options: AdaptivePoolOptions,
  check: (op: string, x: Spec) => void,
  f: (x: Tensor) => Tensor,
): Layer<Empty, Empty> {
  checkAdaptiveOptions(kind, rank, options);
  return {
    kind,
    init(_key, inputShape) {
      const input = [1, ...inputShape];
      const outputShape = adaptiveShape(kind, input, adaptiveSizes(kind, rank, input, options));
      check(kind, { shape: input, dtype: 'float32' });
      return { params: {}, state: {}, outputShape: outputShape.slice(1) };
    },
    apply: (_params, state, x) => [f(x), state],
    // The windows are not all alike.
    window: () => null,
  };
}

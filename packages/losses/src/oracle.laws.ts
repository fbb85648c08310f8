import { floats, type InputSpec, type NdArray, uniform } from '@lemmata/laws';

/** Reduces the losses of all elements the way the option says. */
export function reduceAll(
  shape: readonly number[],
  losses: readonly number[],
  reduction: string = 'mean',
  count: number = losses.length,
): NdArray {
  if (reduction === 'none') return { shape, data: losses };
  const total = losses.reduce((a, b) => a + b, 0);
  return { shape: [], data: [reduction === 'sum' ? total : total / count] };
}

/** The loss of two arrays, element by element. */
export function elementwiseOracle<O extends { readonly reduction?: string }>(
  loss: (options: O, x: number, t: number) => number,
): (options: O, x: NdArray, t: NdArray) => NdArray {
  return (options, x, t) =>
    reduceAll(
      x.shape,
      Array.from(x.data, (v, i) => loss(options, v, t.data[i])),
      options.reduction,
    );
}

/** Input and target whose difference lies on both sides of a threshold, and not near it, where a second derivative jumps. */
export function apartFrom(threshold: number): [input: InputSpec, target: InputSpec] {
  const x = uniform(-3, 3, { avoid: [-threshold, threshold], margin: 0.25 });
  return [floats([2, 3], x), floats([2, 3], uniform(-0.2, 0.2))];
}

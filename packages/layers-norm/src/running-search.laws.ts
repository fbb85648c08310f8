import { floats, type InputSpec, integers, ints, type NdArray, uniform, Violation } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { key, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { indexOf } from './search-space.laws.js';

/** The options that norms with running statistics have in common; absent ones have their defaults. */
export interface RunningSettings {
  readonly eps?: number;
  readonly momentum?: number | null;
  readonly affine?: boolean;
  readonly bias?: boolean;
  readonly trackRunningStats?: boolean;
  readonly spatialAxes?: number | readonly number[];
}

/** A norm with running statistics: as a function of the batch, or as a layer in either mode. */
export interface Running<O = RunningSettings> {
  readonly via: 'function' | 'training' | 'inference';
  readonly options: O;
  /** What follows x in the inputs: parameters, then statistics. */
  readonly names: readonly string[];
}

export const vias: fc.Arbitrary<Running['via']> = fc.constantFrom('function', 'training', 'inference');

/** The weight of a new batch; null counts all alike. */
export const momenta = (...further: readonly number[]): fc.Arbitrary<number | null | undefined> =>
  fc.constantFrom(0.1, null, 0, 1, 0.3, undefined, ...further);

/** How many axes are allowed, for an input that has so many. */
export function allowing(how: 'any' | 'one' | 'several', axes: number): Pick<RunningSettings, 'spatialAxes'> {
  return how === 'any' ? {} : { spatialAxes: how === 'one' ? axes : [axes + 1, axes] };
}

/** The options that are there. */
export function present<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/** Parameters [C] that these options ask for. */
export function affineInputs(channels: number, { affine, bias = true }: RunningSettings): Record<string, InputSpec> {
  if (affine !== true) return {};
  return { weight: floats([channels]), ...(bias ? { bias: floats([channels]) } : {}) };
}

/** Running statistics [C], constants for the gradient, and the number of batches where it is kept. */
export function runningInputs(
  { momentum }: RunningSettings,
  statistics: Readonly<Record<string, InputSpec>>,
): Record<string, InputSpec> {
  const entries = Object.entries(statistics).map(([name, input]) => [name, { ...input, constant: true as const }]);
  const count = momentum === null ? { num_batches_tracked: ints([], integers(0, 5)) } : {};
  return { ...(Object.fromEntries(entries) as Record<string, InputSpec>), ...count };
}

export const meanAndVariance = (channels: number): Record<string, InputSpec> => ({
  running_mean: floats([channels]),
  running_var: floats([channels], uniform(0.1, 3)),
});

export function named<T>(names: readonly string[], values: readonly T[]): Record<string, T | undefined> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

/** Applies a layer to parameters and statistics, given after one another; in training it gives the next statistics too. */
export function throughRunning(
  layer: Layer<any, any>,
  { via, names }: Running<unknown>,
  x: Tensor,
  inputs: readonly Tensor[],
  inputShape: readonly number[] = x.shape.slice(1),
): Tensor[] {
  const made = layer.init(key(1), inputShape);
  const [asked, given] = [[...Object.keys(made.params), ...Object.keys(made.state)], [...names]];
  if (asked.join() !== given.join())
    throw new Violation({ what: 'names of parameters and state', received: asked, expected: given });
  const by = named(names, inputs);
  const some = (from: object): object => Object.fromEntries(Object.keys(from).map((name) => [name, by[name]]));
  const [y, next] = layer.apply(some(made.params), some(made.state), x, { train: via === 'training' });
  return via === 'training' ? [y, ...(Object.values(next as object) as Tensor[])] : [y];
}

/** Mean and unbiased variance of each channel. */
export function channelStatistics({ shape, data }: NdArray): [mean: number[], variance: number[]] {
  const channels = Array.from({ length: shape[1] }, (_, c) =>
    Array.from(data).filter((_v, i) => indexOf(shape, i)[1] === c),
  );
  const means = channels.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
  const variances = channels.map(
    (values, c) => values.reduce((a, b) => a + (b - means[c]) ** 2, 0) / (values.length - 1),
  );
  return [means, variances];
}

/** The affine map of running statistics. */
export function inferred(eps: number, x: NdArray, by: Record<string, NdArray | undefined>): NdArray {
  const data = Array.from(x.data, (v, i) => {
    const c = indexOf(x.shape, i)[1];
    const scaled = (v - by['running_mean']!.data[c]) / Math.sqrt(by['running_var']!.data[c] + eps);
    return scaled * (by['weight']?.data[c] ?? 1) + (by['bias']?.data[c] ?? 0);
  });
  return { shape: x.shape, data };
}

/**
 * Statistics after a batch of these; a batch of nothing leaves them, and is not counted. The mixture starts from the end that is
 * nearer, so that a momentum of 1 gives the batch's own.
 */
export function moved(
  { momentum = 0.1 }: RunningSettings,
  running: readonly NdArray[],
  count: NdArray | undefined,
  batch: readonly ArrayLike<number>[] | null,
): NdArray[] {
  const share = momentum ?? 1 / (count!.data[0] + 1);
  const next = running.map(({ shape, data }, k) => ({
    shape,
    data: Array.from(data, (v, c) => {
      if (batch === null) return v;
      const to = batch[k][c];
      return share < 0.5 ? v + share * (to - v) : to - (1 - share) * (to - v);
    }),
  }));
  return count === undefined ? next : [...next, { shape: [], data: [count.data[0] + (batch === null ? 0 : 1)] }];
}

import { floats, type NdArray, type OpSample, type SearchSamples, uniform } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { type Affine, batches, epsilons, indexOf, normalisedBy, spaces, stepOf } from '../search-space.laws.js';
import { batchNorm, batchNormInference } from './batch-norm.js';
import { batchNormLayer } from './layer.js';

/** A norm with running statistics: as a function of the batch, or as a layer in either mode. */
export interface Running {
  readonly via: 'function' | 'training' | 'inference';
  readonly eps: number;
  readonly momentum: number;
  readonly given: Affine;
}

/** Applies a layer to parameters and running statistics, given after one another; gives the next statistics too. */
export function throughRunning(layer: Layer<any, any>, a: Running, x: Tensor, inputs: readonly Tensor[]): Tensor[] {
  const [running_mean, running_var] = inputs.slice(-2);
  const [weight, bias] = inputs.slice(0, -2);
  const params = { ...(weight === undefined ? {} : { weight }), ...(bias === undefined ? {} : { bias }) };
  const train = a.via === 'training';
  const [y, next] = layer.apply(params, { running_mean, running_var }, x, { train });
  return train ? [y, next.running_mean, next.running_var] : [y];
}

export function batchNormCall(a: Running, x: Tensor, ...params: Tensor[]): Tensor | Tensor[] {
  const { via, eps, momentum, given } = a;
  if (via === 'function') return batchNorm(x, params[0], params[1], { eps });
  if (via === 'inference' && given === 'neither')
    return batchNormInference(x, params[0]!, params[1]!, null, null, { eps });
  return throughRunning(batchNormLayer({ eps, momentum, affine: given !== 'neither' }), a, x, params);
}

/** Mean and unbiased variance of each channel. */
export function channelStatistics({ shape, data }: NdArray): [mean: number[], variance: number[]] {
  const channels = Array.from({ length: shape[1]! }, (_, c) =>
    Array.from(data).filter((_v, i) => indexOf(shape, i)[1] === c),
  );
  const means = channels.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
  const variances = channels.map(
    (values, c) => values.reduce((a, b) => a + (b - means[c]!) ** 2, 0) / (values.length - 1),
  );
  return [means, variances];
}

/** The affine map of running statistics. */
export function inferred(
  { eps }: Running,
  x: NdArray,
  [weight, bias]: readonly (NdArray | undefined)[],
  [mean, variance]: readonly [NdArray, NdArray],
): NdArray {
  const data = Array.from(x.data, (v, i) => {
    const c = indexOf(x.shape, i)[1]!;
    const scaled = (v - mean.data[c]!) / Math.sqrt(variance.data[c]! + eps);
    return scaled * (weight?.data[c] ?? 1) + (bias?.data[c] ?? 0);
  });
  return { shape: x.shape, data };
}

/**
 * Running statistics after a batch of these; a batch of nothing leaves them. The mixture starts from the end that is nearer, so
 * that a momentum of 1 gives the batch's own.
 */
export function moved(
  { momentum }: Running,
  running: readonly [NdArray, NdArray],
  batch: readonly [readonly number[], readonly number[]] | null,
): NdArray[] {
  return running.map(({ shape, data }, k) => ({
    shape,
    data: Array.from(data, (v, c) => {
      if (batch === null) return v;
      const next = batch[k]![c]!;
      return momentum < 0.5 ? v + momentum * (next - v) : next - (1 - momentum) * (next - v);
    }),
  }));
}

export const batchNormSearch: SearchSamples<Running> = {
  samples: fc
    .record({
      via: fc.constantFrom<Running['via'][]>('function', 'training', 'inference'),
      batch: batches,
      channels: fc.integer({ min: 1, max: 3 }),
      space: spaces(0, 3),
      eps: epsilons,
      momentum: fc.constantFrom(0.1, 0, 1, 0.3),
      given: fc.constantFrom<Affine[]>('both', 'neither'),
    })
    // In training one value has no variance.
    .filter(({ via, batch, space }) => via === 'inference' || batch * sizeOf(space) !== 1)
    .map(({ batch, channels, space, ...attrs }): OpSample<Running> => {
      const affine = attrs.given === 'both' ? [floats([channels]), floats([channels])] : [];
      const state = attrs.via === 'function' ? [] : [floats([channels]), floats([channels], uniform(0.1, 3))];
      const constant = state.map((input) => ({ ...input, constant: true as const }));
      return { attrs, inputs: [floats([batch, channels, ...space]), ...affine, ...constant] };
    }),
  step: stepOf,
  // Running statistics are constants for the gradient.
  gradientsOf: 1,
  oracle(a, x, ...rest): NdArray | NdArray[] {
    const [weight, bias] = a.given === 'both' ? rest : [];
    const running = rest.slice(-2) as [NdArray, NdArray];
    if (a.via === 'inference') return inferred(a, x, [weight, bias], running);
    const group = ([, channel]: readonly number[]): string => String(channel);
    const y = normalisedBy({ group, place: ([, c]) => c!, centred: true, eps: a.eps }, x, weight, bias);
    if (a.via === 'function') return y;
    return [y, ...moved(a, running, x.data.length === 0 ? null : channelStatistics(x))];
  },
};

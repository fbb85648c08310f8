import type { Layer } from '@lemmata/nn';
import { formatValue, Problems, ShapeError, unknownOptions } from '@lemmata/shape';
import { add, cast, div, mul, neg, ones, sqrt, type Tensor, zeros } from '@lemmata/tensor';
import { affineParams } from '../affine.js';
import { checkSpatial, refuse, type SpatialOptions, spatialReasons } from '../options.js';
import { advance, startCount } from '../running.js';
import { batchNormInference, batchNormWithStatistics, type BatchNormOptions } from './batch-norm.js';
import { checkChannels, countOf } from './op.js';

export interface BatchNormLayerOptions extends BatchNormOptions, SpatialOptions {
  /**
   * The weight of the new batch in the running statistics, from 0 to 1, default 0.1; null: all batches count alike. What
   * Keras calls momentum is 1 minus this.
   */
  readonly momentum?: number | null;
  /** Learn weight and bias. Default true. */
  readonly affine?: boolean;
  /** Of the two, learn the bias as well. Default true. */
  readonly bias?: boolean;
  /** Keep statistics for inference. Default true; without them inference takes those of its own batch. */
  readonly trackRunningStats?: boolean;
}

export interface BatchNormParams {
  /** [C], ones at first; absent without `affine`. */
  readonly weight?: Tensor;
  /** [C], zeros at first; absent without `affine` or without `bias`. */
  readonly bias?: Tensor;
}

export interface BatchNormState {
  /** [C], zeros at first. */
  readonly running_mean?: Tensor;
  /** [C], ones at first: the unbiased variance. */
  readonly running_var?: Tensor;
  /** int32; only with `momentum: null`. */
  readonly num_batches_tracked?: Tensor;
}

/**
 * {@link batchNorm} of inputs [C, ...spatial] of any rank. In training the statistics are those of the batch, and the
 * running ones move towards them: running ← running + momentum · (batch − running), with the variance unbiased (divided by
 * n − 1). In inference the running ones take their place, as constants for the gradient, and nothing changes.
 *
 * @example
 * sequential({ conv1: conv2dLayer({ outChannels: 6, kernelSize: 5, bias: false }), bn1: batchNormLayer() })
 * @throws ShapeError in training with one value per channel; OptionError for options it does not know.
 *
 * Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167; conventions of torch.nn.BatchNorm2d.
 */
export function batchNormLayer(options: BatchNormLayerOptions = {}): Layer<BatchNormParams, BatchNormState> {
  const { momentum, affine, bias, trackRunningStats, spatialAxes, ...rest } = settled(options);
  return {
    kind: 'batchNorm',
    init(_key, inputShape) {
      const [channels, ...space] = inputShape;
      if (channels === undefined) {
        throw new ShapeError('batchNorm', [
          { rule: 'the input is [C, ...spatial], without the batch', received: [...inputShape] },
        ]);
      }
      checkSpatial('batchNorm', spatialAxes, space.length, inputShape);
      return {
        params: affineParams([channels], affine, bias),
        state: {
          ...(trackRunningStats ? { running_mean: zeros([channels]), running_var: ones([channels]) } : {}),
          ...(trackRunningStats ? startCount(momentum) : {}),
        },
        outputShape: inputShape,
      };
    },
    apply({ weight, bias: shift }, state, x, { train }) {
      checkSpatial('batchNorm', spatialAxes, x.rank - 2, x.shape);
      const { running_mean: mean, running_var: variance } = state;
      if (!train && mean !== undefined && variance !== undefined) {
        return [batchNormInference(x, cast(mean, x.dtype), cast(variance, x.dtype), weight, shift, rest), state];
      }
      if (mean !== undefined && variance !== undefined) checkRunning(x, { running_mean: mean, running_var: variance });
      const batch = batchNormWithStatistics(x, weight, shift, rest);
      const n = countOf(x.shape);
      // A batch of no values says nothing about them.
      if (!train || mean === undefined || variance === undefined || n === 0) return [batch.y, state];
      const running = { running_mean: mean, running_var: variance };
      const found = { running_mean: batch.mean, running_var: mul(batch.variance, n / (n - 1)) };
      return [batch.y, advance('batchNorm', running, found, momentum, state)];
    },
    affine({ weight, bias: offset }, { running_mean: mean, running_var: variance }) {
      if (mean === undefined || variance === undefined) return null;
      const { eps = 1e-5 } = rest;
      const exact = (t: Tensor): Tensor => cast(t, 'float64');
      const deviation = sqrt(add(exact(variance), eps));
      const scale = weight === undefined ? div(1, deviation) : div(exact(weight), deviation);
      const centred = mul(neg(exact(mean)), scale);
      return { scale, shift: offset === undefined ? centred : add(centred, exact(offset)) };
    },
  };
}

/** Statistics may have another dtype than x, but not another size: they would be broadcast. */
function checkRunning(x: Tensor, running: Readonly<Record<string, Tensor>>): void {
  const problems = new Problems('batchNorm');
  const specs = Object.entries(running).map(([name, { shape }]) => [name, { shape, dtype: x.dtype }] as const);
  checkChannels(problems, { x: x.spec, ...Object.fromEntries(specs) });
  problems.throwIfAny({ x: x.shape });
}

type Settled = Required<Omit<BatchNormLayerOptions, 'eps' | 'spatialAxes'>> & BatchNormOptions & SpatialOptions;

function settled(options: BatchNormLayerOptions): Settled {
  unknownOptions('batchNormLayer', options, ['eps', 'momentum', 'affine', 'bias', 'trackRunningStats', 'spatialAxes']);
  const { eps, momentum = 0.1, affine = true, bias = true, trackRunningStats = true, spatialAxes } = options;
  const reasons = spatialReasons(spatialAxes);
  if (eps !== undefined && !(Number.isFinite(eps) && eps > 0))
    reasons.push(`eps must be a finite number above 0, received ${formatValue(eps)}`);
  if (momentum !== null && !(Number.isFinite(momentum) && momentum >= 0 && momentum <= 1))
    reasons.push(`momentum must be from 0 to 1, or null, received ${formatValue(momentum)}`);
  for (const [name, value] of Object.entries({ affine, bias, trackRunningStats })) {
    if (typeof value !== 'boolean') reasons.push(`${name} must be true or false, received ${formatValue(value)}`);
  }
  refuse('batchNormLayer', reasons);
  return { momentum, affine, bias, trackRunningStats, spatialAxes, ...(eps === undefined ? {} : { eps }) };
}

import type { Layer } from '@lemmata/nn';
import { ShapeError, sizeOf, unknownOptions } from '@lemmata/shape';
import { cast, mean as meanOf, mul, ones, squeeze, type Tensor, unsqueeze, zeros } from '@lemmata/tensor';
import { type AffineParams, affineParams } from '../affine.js';
import { batchNormInference, type BatchNormState } from '../batch-norm/index.js';
import {
  type AffineOptions,
  affineReasons,
  checkSpatial,
  refuse,
  type SpatialOptions,
  spatialReasons,
} from '../options.js';
import { advance, momentumReasons, type RunningOptions, startCount } from '../running.js';
import { instanceNorm, instanceNormWithStatistics } from './instance-norm.js';

export interface InstanceNormLayerOptions extends RunningOptions, AffineOptions, SpatialOptions {
  /**
   * How many axes there are behind the channels. With one number an input without a batch, [C, ...spatial], is known as such and
   * normalised by itself. Default: any, with a batch.
   */
  readonly spatialAxes?: number | readonly number[] | undefined;
  /** Learn a weight and a bias. Default false. */
  readonly affine?: boolean;
  /** Keep statistics for inference. Default false: inference, too, takes those of each sample. */
  readonly trackRunningStats?: boolean;
}

/**
 * {@link instanceNorm} of inputs [C, ...spatial]. Parameters, if asked for: `weight` and `bias` [C] (ones and zeros at first).
 *
 * Both modes are the same, unless running statistics are kept. Then training moves them towards the means over the batch of
 * the samples' means and unbiased variances, and inference is batch norm with them: N10.
 *
 * @throws ShapeError with one place in space; OptionError for options it does not know.
 *
 * Source: Ulyanov, Vedaldi & Lempitsky 2016, https://arxiv.org/abs/1607.08022; conventions of torch.nn.InstanceNorm2d.
 */
export function instanceNormLayer(options: InstanceNormLayerOptions = {}): Layer<AffineParams, BatchNormState> {
  unknownOptions('instanceNormLayer', options, [
    'eps',
    'momentum',
    'affine',
    'bias',
    'trackRunningStats',
    'spatialAxes',
  ]);
  const { eps, momentum = 0.1, affine = false, bias = true, trackRunningStats = false, spatialAxes } = options;
  const reasons = [
    ...affineReasons({ eps, affine, bias, trackRunningStats }),
    ...momentumReasons(momentum),
    ...spatialReasons(spatialAxes),
  ];
  refuse('instanceNormLayer', reasons);
  const rest = eps === undefined ? {} : { eps };
  const layer: Layer<AffineParams, BatchNormState> = {
    kind: 'instanceNorm',
    init(_key, inputShape) {
      const [channels, ...space] = inputShape;
      if (channels === undefined || sizeOf(space) === 1) {
        throw new ShapeError('instanceNorm', [
          {
            rule: 'the input is [C, ...spatial], without the batch, with more than one place in space',
            received: [...inputShape],
          },
        ]);
      }
      checkSpatial('instanceNorm', spatialAxes, space.length, inputShape);
      return {
        params: affineParams([channels], affine, bias),
        state: trackRunningStats
          ? { running_mean: zeros([channels]), running_var: ones([channels]), ...startCount(momentum) }
          : {},
        outputShape: inputShape,
      };
    },
    apply(params, state, x, context) {
      const { weight, bias: shift } = params;
      const { train } = context;
      if (typeof spatialAxes === 'number' && x.rank === spatialAxes + 1) {
        const [y, next] = layer.apply(params, state, unsqueeze(x, 0), context);
        return [squeeze(y, 0), next];
      }
      checkSpatial('instanceNorm', spatialAxes, x.rank - 2, x.shape);
      const { running_mean, running_var } = state;
      if (running_mean === undefined || running_var === undefined) {
        return [instanceNorm(x, weight, shift, rest), state];
      }
      if (!train) {
        const [mean, variance] = [running_mean, running_var].map((t) => cast(t, x.dtype));
        return [batchNormInference(x, mean, variance, weight, shift, rest), state];
      }
      const { y, mean, variance } = instanceNormWithStatistics(x, weight, shift, rest);
      checkRunning(x, [running_mean, running_var]);
      // A batch of no values says nothing about them.
      if (x.size === 0) return [y, state];
      const n = sizeOf(x.shape.slice(2));
      const batch = {
        running_mean: meanOf(mean, { axis: 0 }),
        running_var: mul(meanOf(variance, { axis: 0 }), n / (n - 1)),
      };
      return [y, advance('instanceNorm', { running_mean, running_var }, batch, momentum, state)];
    },
    // Statistics are over all of space, unless inference has others.
    ...(trackRunningStats ? {} : { window: () => null }),
  };
  return layer;
}

/** Statistics of another size would be broadcast. */
function checkRunning(x: Tensor, running: readonly Tensor[]): void {
  for (const { shape } of running) {
    if (shape.length === 1 && shape[0] === x.shape[1]) continue;
    throw new ShapeError(
      'instanceNorm',
      [
        {
          rule: 'running statistics must have one value for each channel of x',
          received: shape,
          expected: [x.shape[1]],
        },
      ],
      { x: x.shape },
    );
  }
}

import {
  type AffineParams,
  batchNorm,
  batchNormInference,
  batchNormLayer,
  decorrelatedBatchNormInference,
  decorrelatedBatchNormLayer,
  decorrelatedBatchNormWithStatistics,
  groupNorm,
  groupNormLayer,
  instanceNorm,
  instanceNormLayer,
  layerNorm,
  layerNormLayer,
  localResponseNorm,
  localResponseNormLayer,
  type LocalResponseNormOptions,
  normalize,
  rmsNorm,
  rmsNormLayer,
} from '@lemmata/layers-norm';
import { key, type Tensor } from '@lemmata/tensor';
import type { Adapter, Adapters } from '../adapter.js';
import { type Args, given } from '../args.js';
import { applyLayer } from './layer.js';

/** The function updates its statistics in training: here a layer does. */
const batchNormFunction: Adapter = ({ args }) => {
  const x = args.tensor('input');
  const [mean, variance] = [args.tensorOrNull('running_mean'), args.tensorOrNull('running_var')];
  const [weight, bias] = [args.tensorOrNull('weight'), args.tensorOrNull('bias')];
  const [eps, momentum] = [args.number('eps'), args.number('momentum')];
  if (!args.flag('training')) {
    const output = batchNormInference(x, mean!, variance!, weight, bias, given({ eps }));
    return { out: { output, running_mean: mean!, running_var: variance! } };
  }
  if (mean === null || variance === null) return batchNorm(x, weight, bias, given({ eps }));
  const layer = batchNormLayer(given({ eps, momentum }));
  const [output, after] = layer.apply(affine(weight, bias), { running_mean: mean, running_var: variance }, x, {
    train: true,
  });
  return { out: { output, running_mean: after.running_mean!, running_var: after.running_var! } };
};

const batchNormModule =
  (spatialAxes: number | number[]): Adapter =>
  (call) => {
    const { init } = call;
    const layer = batchNormLayer(
      given({
        eps: init.number('eps'),
        // Null is a value of its own: all batches count alike.
        momentum: init.number('momentum') ?? null,
        affine: init.flag('affine'),
        bias: init.flag('bias'),
        trackRunningStats: init.flag('track_running_stats'),
        spatialAxes,
      }),
    );
    return applyLayer(call, layer, [init.number('num_features')!, ...call.args.tensor('input').shape.slice(2)]);
  };

const instanceNormFunction: Adapter = ({ args }) => {
  const x = args.tensor('input');
  const [mean, variance] = [args.tensorOrNull('running_mean'), args.tensorOrNull('running_var')];
  const [weight, bias] = [args.tensorOrNull('weight'), args.tensorOrNull('bias')];
  const [eps, momentum, train] = [args.number('eps'), args.number('momentum'), args.flag('use_input_stats') ?? true];
  if (!train) {
    const output = batchNormInference(x, mean!, variance!, weight, bias, given({ eps }));
    return { out: { output, running_mean: mean!, running_var: variance! } };
  }
  if (mean === null || variance === null) return instanceNorm(x, weight, bias, given({ eps }));
  const [output, after] = instanceNormLayer(given({ eps, momentum })).apply(
    affine(weight, bias),
    { running_mean: mean, running_var: variance },
    x,
    { train },
  );
  return { out: { output, running_mean: after.running_mean!, running_var: after.running_var! } };
};

const instanceNormModule =
  (spatialAxes: number): Adapter =>
  (call) => {
    const { init } = call;
    const layer = instanceNormLayer(
      given({
        eps: init.number('eps'),
        momentum: init.number('momentum') ?? null,
        affine: init.flag('affine'),
        bias: init.flag('bias'),
        trackRunningStats: init.flag('track_running_stats'),
        spatialAxes,
      }),
    );
    const { shape } = call.args.tensor('input');
    return applyLayer(call, layer, [init.number('num_features')!, ...shape.slice(-spatialAxes)]);
  };

const decorrelatedFunction: Adapter = ({ args }) => {
  const x = args.tensor('input');
  const [mean, whitening] = [args.tensorOrNull('running_mean'), args.tensorOrNull('running_whitening')];
  const [weight, bias] = [args.tensorOrNull('weight'), args.tensorOrNull('bias')];
  const options = given({ eps: args.number('eps'), groups: args.number('groups') });
  const momentum = args.number('momentum');
  if (!args.flag('training')) {
    const output = decorrelatedBatchNormInference(x, mean!, whitening!, weight, bias);
    return { out: { output, running_mean: mean!, running_whitening: whitening! } };
  }
  const batch = decorrelatedBatchNormWithStatistics(x, weight, bias, options);
  const statistics = { mean: batch.mean, covariance: batch.covariance, whitening: batch.whitening };
  if (mean === null || whitening === null) return { out: { output: batch.y, ...statistics } };
  const [output, after] = decorrelatedBatchNormLayer(given({ ...options, momentum })).apply(
    affine(weight, bias),
    { running_mean: mean, running_whitening: whitening },
    x,
    { train: true },
  );
  const running = { running_mean: after.running_mean!, running_whitening: after.running_whitening! };
  return { out: { output, ...statistics, ...running } };
};

const affine = (weight: Tensor | null, bias: Tensor | null): AffineParams => ({
  ...(weight && { weight }),
  ...(bias && { bias }),
});

function responseOptions(args: Args): LocalResponseNormOptions {
  return given({
    size: args.number('size')!,
    alpha: args.number('alpha'),
    beta: args.number('beta'),
    k: args.number('k'),
  });
}

export const norm: Adapters = {
  batch_norm: batchNormFunction,
  'nn.BatchNorm1d': batchNormModule([0, 1]),
  'nn.BatchNorm2d': batchNormModule(2),
  'nn.BatchNorm3d': batchNormModule(3),
  decorrelated_batch_norm: decorrelatedFunction,
  instance_norm: instanceNormFunction,
  'nn.InstanceNorm1d': instanceNormModule(1),
  'nn.InstanceNorm2d': instanceNormModule(2),
  'nn.InstanceNorm3d': instanceNormModule(3),
  group_norm: ({ args }) =>
    groupNorm(
      args.tensor('input'),
      args.number('num_groups')!,
      args.tensorOrNull('weight'),
      args.tensorOrNull('bias'),
      given({ eps: args.number('eps') }),
    ),
  'nn.GroupNorm': (call) => {
    const { init } = call;
    const layer = groupNormLayer(
      given({
        groups: init.number('num_groups')!,
        eps: init.number('eps'),
        affine: init.flag('affine'),
        bias: init.flag('bias'),
      }),
    );
    const channels = init.number('num_channels')!;
    // A case that is refused by the constructor has no input.
    layer.init(key(0), [channels, 2]);
    return applyLayer(call, layer, [channels, ...call.args.tensor('input').shape.slice(2)]);
  },
  layer_norm: ({ args }) =>
    layerNorm(
      args.tensor('input'),
      args.list('normalized_shape')!,
      args.tensorOrNull('weight'),
      args.tensorOrNull('bias'),
      given({ eps: args.number('eps') }),
    ),
  'nn.LayerNorm': (call) => {
    const { init } = call;
    const layer = layerNormLayer(
      given({
        normalizedShape: init.get<number | number[]>('normalized_shape'),
        eps: init.number('eps'),
        affine: init.flag('elementwise_affine'),
        bias: init.flag('bias'),
      }),
    );
    return applyLayer(call, layer);
  },
  rms_norm: ({ args }) =>
    rmsNorm(
      args.tensor('input'),
      args.list('normalized_shape')!,
      args.tensorOrNull('weight'),
      // Null is a value of its own: the machine epsilon.
      { eps: args.number('eps') ?? null },
    ),
  'nn.RMSNorm': (call) => {
    const { init } = call;
    const layer = rmsNormLayer(
      given({
        normalizedShape: init.get<number | number[]>('normalized_shape'),
        eps: init.number('eps') ?? null,
        affine: init.flag('elementwise_affine'),
      }),
    );
    return applyLayer(call, layer, undefined, 'x');
  },
  local_response_norm: ({ args }) => localResponseNorm(args.tensor('input'), responseOptions(args)),
  'nn.LocalResponseNorm': (call) => applyLayer(call, localResponseNormLayer(responseOptions(call.init))),
  normalize: ({ args }) =>
    normalize(
      args.tensor('input'),
      given({ p: args.number('p'), axis: args.get<number | number[]>('dim'), eps: args.number('eps') }),
    ),
};

import { batchNorm, batchNormInference, batchNormLayer } from '@lemmata/layers-norm';
import { type Adapter, type Adapters, unsupported } from '../adapter.js';
import { given } from '../args.js';
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
  const [output, after] = layer.apply(
    { ...(weight && { weight }), ...(bias && { bias }) },
    { running_mean: mean, running_var: variance },
    x,
    { train: true },
  );
  return { out: { output, running_mean: after.running_mean!, running_var: after.running_var! } };
};

const batchNormModule: Adapter = (call) => {
  const { init } = call;
  const affine = init.flag('affine');
  if (init.flag('bias') === false && affine !== false) unsupported('batch norm with a weight and without a bias');
  const layer = batchNormLayer(
    given({
      eps: init.number('eps'),
      // Null is a value of its own: all batches count alike.
      momentum: init.number('momentum') ?? null,
      affine,
      trackRunningStats: init.flag('track_running_stats'),
    }),
  );
  return applyLayer(call, layer, [init.number('num_features')!, ...call.args.tensor('input').shape.slice(2)]);
};

export const norm: Adapters = {
  batch_norm: batchNormFunction,
  'nn.BatchNorm1d': batchNormModule,
  'nn.BatchNorm2d': batchNormModule,
  'nn.BatchNorm3d': batchNormModule,
};

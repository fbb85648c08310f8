import {
  type AveragePoolOptions,
  avgPool1d,
  avgPool1dLayer,
  avgPool2d,
  avgPool2dLayer,
  avgPool3d,
  avgPool3dLayer,
  maxPool1dLayer,
  maxPool1dWithIndices,
  maxPool2dLayer,
  maxPool2dWithIndices,
  maxPool3dLayer,
  maxPool3dWithIndices,
  type MaxPoolOptions,
  type PooledWithIndices,
} from '@lemmata/layers-pool';
import type { Empty, Layer } from '@lemmata/nn';
import type { PerAxis } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import type { Adapter, Adapters } from '../adapter.js';
import type { Args } from '../args.js';
import { applyLayer } from './layer.js';

function window(args: Args): Omit<MaxPoolOptions, 'dilation'> {
  return {
    kernelSize: args.perAxis('kernel_size') as PerAxis,
    stride: args.perAxis('stride'),
    padding: args.perAxis('padding'),
    ceilMode: args.flag('ceil_mode'),
  };
}

const maxOptions = (args: Args): MaxPoolOptions => ({ ...window(args), dilation: args.perAxis('dilation') });

const averageOptions = (args: Args): AveragePoolOptions => ({
  ...window(args),
  countIncludePad: args.flag('count_include_pad'),
  divisorOverride: args.number('divisor_override'),
});

const maxPool =
  (f: (x: Tensor, options: MaxPoolOptions) => PooledWithIndices): Adapter =>
  ({ args }) => {
    args.ignore('return_indices');
    const { values, indices } = f(args.tensor('input'), maxOptions(args));
    return { out: { output: values, indices } };
  };

const averagePool =
  (f: (x: Tensor, options: AveragePoolOptions) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), averageOptions(args));

/** The module, whose indices come from the function: a layer has one output. */
const maxModule =
  (
    rank: number,
    layer: (options: MaxPoolOptions) => Layer<Empty, Empty>,
    f: (x: Tensor, options: MaxPoolOptions) => PooledWithIndices,
  ): Adapter =>
  (call) => {
    const options = maxOptions(call.init);
    const x = call.args.tensor('input');
    const { out } = applyLayer(call, layer(options), x.shape.slice(x.rank === rank + 1 ? 0 : 1));
    return call.init.flag('return_indices') ? { out: { ...out, indices: f(x, options).indices } } : { out };
  };

const averageModule =
  (rank: number, layer: (options: AveragePoolOptions) => Layer<Empty, Empty>): Adapter =>
  (call) => {
    const x = call.args.tensor('input');
    return applyLayer(call, layer(averageOptions(call.init)), x.shape.slice(x.rank === rank + 1 ? 0 : 1));
  };

export const pool: Adapters = {
  max_pool1d: maxPool(maxPool1dWithIndices),
  max_pool2d: maxPool(maxPool2dWithIndices),
  max_pool3d: maxPool(maxPool3dWithIndices),
  avg_pool1d: averagePool(avgPool1d),
  avg_pool2d: averagePool(avgPool2d),
  avg_pool3d: averagePool(avgPool3d),
  'nn.MaxPool1d': maxModule(1, maxPool1dLayer, maxPool1dWithIndices),
  'nn.MaxPool2d': maxModule(2, maxPool2dLayer, maxPool2dWithIndices),
  'nn.MaxPool3d': maxModule(3, maxPool3dLayer, maxPool3dWithIndices),
  'nn.AvgPool1d': averageModule(1, avgPool1dLayer),
  'nn.AvgPool2d': averageModule(2, avgPool2dLayer),
  'nn.AvgPool3d': averageModule(3, avgPool3dLayer),
};

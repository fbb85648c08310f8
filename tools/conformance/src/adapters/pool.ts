import {
  adaptiveAvgPool1d,
  adaptiveAvgPool1dLayer,
  adaptiveAvgPool2d,
  adaptiveAvgPool2dLayer,
  adaptiveAvgPool3d,
  adaptiveAvgPool3dLayer,
  adaptiveMaxPool1dLayer,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dLayer,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3dLayer,
  adaptiveMaxPool3dWithIndices,
  type AdaptivePoolOptions,
  type AveragePoolOptions,
  avgPool1d,
  avgPool1dLayer,
  avgPool2d,
  avgPool2dLayer,
  avgPool3d,
  avgPool3dLayer,
  lpPool1d,
  lpPool1dLayer,
  lpPool2d,
  lpPool2dLayer,
  lpPool3dLayer,
  type LpPoolOptions,
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

const adaptiveOptions = (args: Args): AdaptivePoolOptions => ({
  outputSize: args.perAxis('output_size') as AdaptivePoolOptions['outputSize'],
});

const lpOptions = (args: Args): LpPoolOptions => ({
  kernelSize: args.perAxis('kernel_size') as PerAxis,
  stride: args.perAxis('stride'),
  ceilMode: args.flag('ceil_mode'),
  normType: args.number('norm_type')!,
});

type Read<Options> = (args: Args) => Options;

const maxPool =
  <Options>(f: (x: Tensor, options: Options) => PooledWithIndices, read: Read<Options>): Adapter =>
  ({ args }) => {
    args.ignore('return_indices');
    const { values, indices } = f(args.tensor('input'), read(args));
    return { out: { output: values, indices } };
  };

const pooling =
  <Options>(f: (x: Tensor, options: Options) => Tensor, read: Read<Options>): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), read(args));

/** The module, whose indices come from the function: a layer has one output. */
const maxModule =
  <Options>(
    rank: number,
    layer: (options: Options) => Layer<Empty, Empty>,
    f: (x: Tensor, options: Options) => PooledWithIndices,
    read: Read<Options>,
  ): Adapter =>
  (call) => {
    const options = read(call.init);
    const x = call.args.tensor('input');
    const { out } = applyLayer(call, layer(options), x.shape.slice(x.rank === rank + 1 ? 0 : 1));
    return call.init.flag('return_indices') ? { out: { ...out, indices: f(x, options).indices } } : { out };
  };

const module =
  <Options>(rank: number, layer: (options: Options) => Layer<Empty, Empty>, read: Read<Options>): Adapter =>
  (call) => {
    const x = call.args.tensor('input');
    return applyLayer(call, layer(read(call.init)), x.shape.slice(x.rank === rank + 1 ? 0 : 1));
  };

export const pool: Adapters = {
  max_pool1d: maxPool(maxPool1dWithIndices, maxOptions),
  max_pool2d: maxPool(maxPool2dWithIndices, maxOptions),
  max_pool3d: maxPool(maxPool3dWithIndices, maxOptions),
  avg_pool1d: pooling(avgPool1d, averageOptions),
  avg_pool2d: pooling(avgPool2d, averageOptions),
  avg_pool3d: pooling(avgPool3d, averageOptions),
  adaptive_max_pool1d: maxPool(adaptiveMaxPool1dWithIndices, adaptiveOptions),
  adaptive_max_pool2d: maxPool(adaptiveMaxPool2dWithIndices, adaptiveOptions),
  adaptive_max_pool3d: maxPool(adaptiveMaxPool3dWithIndices, adaptiveOptions),
  adaptive_avg_pool1d: pooling(adaptiveAvgPool1d, adaptiveOptions),
  adaptive_avg_pool2d: pooling(adaptiveAvgPool2d, adaptiveOptions),
  adaptive_avg_pool3d: pooling(adaptiveAvgPool3d, adaptiveOptions),
  lp_pool1d: pooling(lpPool1d, lpOptions),
  lp_pool2d: pooling(lpPool2d, lpOptions),
  'nn.MaxPool1d': maxModule(1, maxPool1dLayer, maxPool1dWithIndices, maxOptions),
  'nn.MaxPool2d': maxModule(2, maxPool2dLayer, maxPool2dWithIndices, maxOptions),
  'nn.MaxPool3d': maxModule(3, maxPool3dLayer, maxPool3dWithIndices, maxOptions),
  'nn.AvgPool1d': module(1, avgPool1dLayer, averageOptions),
  'nn.AvgPool2d': module(2, avgPool2dLayer, averageOptions),
  'nn.AvgPool3d': module(3, avgPool3dLayer, averageOptions),
  'nn.AdaptiveMaxPool1d': maxModule(1, adaptiveMaxPool1dLayer, adaptiveMaxPool1dWithIndices, adaptiveOptions),
  'nn.AdaptiveMaxPool2d': maxModule(2, adaptiveMaxPool2dLayer, adaptiveMaxPool2dWithIndices, adaptiveOptions),
  'nn.AdaptiveMaxPool3d': maxModule(3, adaptiveMaxPool3dLayer, adaptiveMaxPool3dWithIndices, adaptiveOptions),
  'nn.AdaptiveAvgPool1d': module(1, adaptiveAvgPool1dLayer, adaptiveOptions),
  'nn.AdaptiveAvgPool2d': module(2, adaptiveAvgPool2dLayer, adaptiveOptions),
  'nn.AdaptiveAvgPool3d': module(3, adaptiveAvgPool3dLayer, adaptiveOptions),
  'nn.LPPool1d': module(1, lpPool1dLayer, lpOptions),
  'nn.LPPool2d': module(2, lpPool2dLayer, lpOptions),
  'nn.LPPool3d': module(3, lpPool3dLayer, lpOptions),
};

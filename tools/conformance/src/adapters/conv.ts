import {
  conv1d,
  conv1dLayer,
  conv2d,
  conv2dLayer,
  conv3d,
  conv3dLayer,
  type ConvLayer,
  type ConvLayerOptions,
  type ConvOptions,
  convTranspose1d,
  convTranspose1dLayer,
  convTranspose2d,
  convTranspose2dLayer,
  convTranspose3d,
  convTranspose3dLayer,
  type ConvTransposeLayer,
  type ConvTransposeLayerOptions,
  type ConvTransposeOptions,
  fold2d,
  type PaddingFill,
  unfold2d,
  type UnfoldOptions,
} from '@lemmata/layers-conv';
import type { Padding, PerAxis } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import type { Adapter, Adapters } from '../adapter.js';
import type { Args } from '../args.js';
import { applyLayer } from './layer.js';

function sliding(args: Args): ConvOptions {
  return {
    stride: args.perAxis('stride'),
    padding: args.perAxis('padding') as Padding | undefined,
    dilation: args.perAxis('dilation'),
    groups: args.number('groups'),
  };
}

const convolution =
  (f: (x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), args.tensor('weight'), args.tensorOrNull('bias'), sliding(args));

function transposedSliding(args: Args): ConvTransposeOptions {
  return {
    stride: args.perAxis('stride'),
    padding: args.perAxis('padding'),
    outputPadding: args.perAxis('output_padding'),
    dilation: args.perAxis('dilation'),
    groups: args.number('groups'),
  };
}

const transposed =
  (f: (x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvTransposeOptions) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), args.tensor('weight'), args.tensorOrNull('bias'), transposedSliding(args));

const convModule =
  (rank: number, layer: (options: ConvLayerOptions) => ConvLayer): Adapter =>
  (call) => {
    const { init } = call;
    const made = layer({
      ...sliding(init),
      paddingMode: init.get<PaddingFill>('padding_mode'),
      inChannels: init.number('in_channels'),
      outChannels: init.number('out_channels')!,
      kernelSize: init.perAxis('kernel_size') as PerAxis,
      bias: init.flag('bias'),
    });
    const { shape } = call.args.tensor('input');
    return applyLayer(call, made, shape.slice(-rank - 1));
  };

/** PyTorch takes the size of the output at each call, and the padding that makes it instead of its own. */
const transposedModule =
  (rank: number, layer: (options: ConvTransposeLayerOptions) => ConvTransposeLayer): Adapter =>
  (call) => {
    const { init } = call;
    const outputSize = call.args.perAxis('output_size');
    const { outputPadding, ...sliding } = transposedSliding(init);
    const made = layer({
      ...sliding,
      paddingMode: init.get<'zeros'>('padding_mode'),
      ...(outputSize === undefined ? { outputPadding } : { outputSize }),
      inChannels: init.number('in_channels'),
      outChannels: init.number('out_channels')!,
      kernelSize: init.perAxis('kernel_size') as PerAxis,
      bias: init.flag('bias'),
    });
    return applyLayer(call, made, call.args.tensor('input').shape.slice(-rank - 1));
  };

const windows = (args: Args): UnfoldOptions => ({
  kernelSize: args.perAxis('kernel_size') as PerAxis,
  stride: args.perAxis('stride'),
  padding: args.perAxis('padding'),
  dilation: args.perAxis('dilation'),
});

export const conv: Adapters = {
  conv1d: convolution(conv1d),
  conv2d: convolution(conv2d),
  conv3d: convolution(conv3d),
  conv_transpose1d: transposed(convTranspose1d),
  conv_transpose2d: transposed(convTranspose2d),
  conv_transpose3d: transposed(convTranspose3d),
  'nn.Conv1d': convModule(1, conv1dLayer),
  'nn.Conv2d': convModule(2, conv2dLayer),
  'nn.Conv3d': convModule(3, conv3dLayer),
  'nn.ConvTranspose1d': transposedModule(1, convTranspose1dLayer),
  'nn.ConvTranspose2d': transposedModule(2, convTranspose2dLayer),
  'nn.ConvTranspose3d': transposedModule(3, convTranspose3dLayer),
  unfold: ({ args }) => unfold2d(args.tensor('input'), windows(args)),
  fold: ({ args }) =>
    fold2d(args.tensor('input'), { ...windows(args), outputSize: args.perAxis('output_size') as PerAxis }),
};

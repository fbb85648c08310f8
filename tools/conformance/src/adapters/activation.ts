import {
  elu,
  eluLayer,
  gelu,
  hardswish,
  leakyRelu,
  logSoftmaxLayer,
  maxout,
  mish,
  prelu,
  preluLayer,
  relu,
  selu,
  silu,
  softmaxLayer,
  softplus,
  softplusLayer,
} from '@lemmata/layers-activation';
import type { Layer } from '@lemmata/nn';
import { logSigmoid, logSoftmax, sigmoid, softmax, tanh, type Tensor } from '@lemmata/tensor';
import type { Adapter, Adapters } from '../adapter.js';
import { given } from '../args.js';
import { applyLayer } from './layer.js';

const plain =
  (f: (x: Tensor) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'));

/** A layer has the batch in front, over which it takes no softmax: the function does. */
const softmaxModule =
  (layer: (options: { axis?: number }) => Layer, f: (x: Tensor, axis?: number) => Tensor): Adapter =>
  (call) => {
    const axis = call.init.number('dim');
    return axis === 0 ? f(call.args.tensor('input'), axis) : applyLayer(call, layer(given({ axis })));
  };

export const activation: Adapters = {
  hardswish: plain(hardswish),
  logsigmoid: plain(logSigmoid),
  mish: plain(mish),
  relu: plain(relu),
  selu: plain(selu),
  sigmoid: plain(sigmoid),
  silu: plain(silu),
  tanh: plain(tanh),
  elu: ({ args }) => elu(args.tensor('input'), given({ alpha: args.number('alpha') })),
  gelu: ({ args }) => gelu(args.tensor('input'), given({ approximate: args.get<'none' | 'tanh'>('approximate') })),
  leaky_relu: ({ args }) => leakyRelu(args.tensor('input'), given({ negativeSlope: args.number('negative_slope') })),
  log_softmax: ({ args }) => logSoftmax(args.tensor('input'), args.number('dim')),
  softmax: ({ args }) => softmax(args.tensor('input'), args.number('dim')),
  maxout: ({ args }) =>
    maxout(args.tensor('input'), given({ pieces: args.number('pool_size')!, axis: args.number('dim') })),
  prelu: ({ args }) => prelu(args.tensor('input'), args.tensor('weight')),
  softplus: ({ args }) =>
    softplus(args.tensor('input'), given({ beta: args.number('beta'), threshold: args.number('threshold') })),
  'nn.ELU': (call) => applyLayer(call, eluLayer(given({ alpha: call.init.number('alpha') }))),
  'nn.Softmax': softmaxModule(softmaxLayer, softmax),
  'nn.LogSoftmax': softmaxModule(logSoftmaxLayer, logSoftmax),
  'nn.Softplus': (call) =>
    applyLayer(
      call,
      softplusLayer(given({ beta: call.init.number('beta'), threshold: call.init.number('threshold') })),
    ),
  'nn.PReLU': (call) =>
    applyLayer(
      call,
      preluLayer(given({ numParameters: call.init.number('num_parameters'), init: call.init.number('init') })),
    ),
};

import {
  celu,
  elu,
  eluLayer,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSoftmaxLayer,
  maxout,
  mish,
  prelu,
  preluLayer,
  relu,
  relu6,
  selu,
  silu,
  softmaxLayer,
  softplus,
  softplusLayer,
  softsign,
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
    const x = call.args.tensor('input');
    return axis === 0 || axis === -x.rank ? f(x, axis) : applyLayer(call, layer(given({ axis })));
  };

export const activation: Adapters = {
  hardsigmoid: plain(hardsigmoid),
  hardswish: plain(hardswish),
  logsigmoid: plain(logSigmoid),
  mish: plain(mish),
  relu: plain(relu),
  relu6: plain(relu6),
  selu: plain(selu),
  sigmoid: plain(sigmoid),
  silu: plain(silu),
  softsign: plain(softsign),
  tanh: plain(tanh),
  celu: ({ args }) => celu(args.tensor('input'), given({ alpha: args.number('alpha') })),
  elu: ({ args }) => elu(args.tensor('input'), given({ alpha: args.number('alpha') })),
  glu: ({ args }) => glu(args.tensor('input'), given({ axis: args.number('dim') })),
  hardtanh: ({ args }) =>
    hardtanh(args.tensor('input'), given({ min: args.number('min_val'), max: args.number('max_val') })),
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

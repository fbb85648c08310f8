import {
  calculateGain,
  dirac,
  eye,
  type Fans,
  fans,
  type Initialiser,
  kaimingNormal,
  type KaimingOptions,
  kaimingUniform,
  type Layer,
  type Nonlinearity,
  xavierNormal,
  xavierUniform,
} from '@lemmata/nn';
import { conv1dLayer, conv2dLayer, conv3dLayer } from '@lemmata/layers-conv';
import { linearLayer } from '@lemmata/layers-linear';
import { given, type Args } from '../args.js';
import type { InitAdapter } from '../kinds/init.js';

const NONLINEARITIES: Readonly<Record<string, Nonlinearity>> = { leaky_relu: 'leakyRelu' };
const MODES: Readonly<Record<string, keyof Fans>> = { fan_in: 'fanIn', fan_out: 'fanOut' };

/** A name of PyTorch's that this library does not know is handed on, to be refused. */
function nonlinearity(args: Args): Nonlinearity | undefined {
  const name = args.text('nonlinearity');
  return name === undefined ? undefined : (NONLINEARITIES[name] ?? (name as Nonlinearity));
}

const kaiming =
  (initialiser: (options: KaimingOptions) => Initialiser): InitAdapter =>
  (args) => {
    const shape = args.list('shape')!;
    const name = args.text('mode');
    const mode = name === undefined ? undefined : (MODES[name] ?? (name as keyof Fans));
    const follows = nonlinearity(args);
    const a = args.number('a');
    const draw = initialiser(given({ a, mode, nonlinearity: follows }));
    return {
      facts: { fan: fans(shape)[mode ?? 'fanIn'], gain: calculateGain(follows ?? 'leakyRelu', a) },
      draw: (key) => draw(key, shape),
    };
  };

const xavier =
  (initialiser: (options: { gain?: number }) => Initialiser): InitAdapter =>
  (args) => {
    const shape = args.list('shape')!;
    const draw = initialiser(given({ gain: args.number('gain') }));
    const { fanIn, fanOut } = fans(shape);
    return { facts: { fan_in: fanIn, fan_out: fanOut }, draw: (key) => draw(key, shape) };
  };

/** What linear and convolution layers draw when they are told nothing. */
const ownDefault: InitAdapter = (args) => {
  const [out, own, ...kernelSize] = args.list('shape') as [number, number, ...number[]];
  const convLayer = [conv1dLayer, conv2dLayer, conv3dLayer][kernelSize.length - 1];
  const layer: Layer =
    convLayer === undefined ? linearLayer({ outFeatures: out }) : convLayer({ outChannels: out, kernelSize });
  const inputShape = [own, ...kernelSize];
  return {
    draws: {
      weight_bound: (key) => layer.init(key, inputShape).params.weight,
      bias_bound: (key) => layer.init(key, inputShape).params.bias,
    },
  };
};

export const init: Readonly<Record<string, InitAdapter>> = {
  'init.calculate_gain': (args) => ({
    facts: { gain: calculateGain(nonlinearity(args)!, args.number('param')) },
  }),
  'init.fans': (args) => {
    const { fanIn, fanOut } = fans(args.list('shape')!);
    return { facts: { fan_in: fanIn, fan_out: fanOut } };
  },
  'init.kaiming_normal_': kaiming(kaimingNormal),
  'init.kaiming_uniform_': kaiming(kaimingUniform),
  'init.xavier_normal_': xavier(xavierNormal),
  'init.xavier_uniform_': xavier(xavierUniform),
  'init.eye_': (args) => {
    const shape = args.list('shape')!;
    return { draw: (key) => eye(key, shape) };
  },
  'init.dirac_': (args) => {
    const shape = args.list('shape')!;
    const groups = args.number('groups');
    return { draw: (key) => dirac(key, shape, { groups }) };
  },
  'init.default_conv_or_linear': ownDefault,
};

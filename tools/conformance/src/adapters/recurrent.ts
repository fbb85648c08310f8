import {
  cellOf,
  type CellParams,
  gru,
  gruCell,
  gruLayer,
  lstm,
  lstmCell,
  lstmLayer,
  type LstmState,
  type NetworkParams,
  type RecurrentLayerOptions,
  type RecurrentOptions,
  rnn,
  rnnCell,
  rnnLayer,
} from '@lemmata/layers-recurrent';
import type { Layer } from '@lemmata/nn';
import { key, type Tensor } from '@lemmata/tensor';
import { type Adapter, type Adapters, type Call, type Outputs, unsupported } from '../adapter.js';
import type { Args } from '../args.js';
import { filled } from './layer.js';

const structure = (init: Args): RecurrentLayerOptions => ({
  inputSize: init.number('input_size'),
  hiddenSize: init.number('hidden_size')!,
  numLayers: init.number('num_layers'),
  bias: init.flag('bias'),
  dropout: init.number('dropout'),
  bidirectional: init.flag('bidirectional'),
});

type Run = (x: Tensor, params: NetworkParams, options: RecurrentOptions) => Outputs;

/**
 * A layer starts at 0 and keeps its last states to itself: it says what parameters there are, and the function runs. PyTorch
 * takes [T, N, I] where it is told nothing.
 */
function network(call: Call, layer: Layer, run: Run): { out: Outputs } {
  const { init, args } = call;
  const batchFirst = init.flag('batch_first') ?? false;
  const inputSize = init.number('input_size')!;
  // A case that is refused by the constructor has no input.
  const { params } = layer.init(key(0), [1, inputSize]);
  const x = args.tensor('input');
  if (call.training && (init.number('dropout') ?? 0) > 0) unsupported('dropout with the numbers that PyTorch draws');
  return { out: run(x, filled('parameter', params, call.params, x), { batchFirst }) };
}

/** One state, or none. */
const oneState = (args: Args): Tensor | null => args.tensorOrNull('hx');

/** The states of an LSTM, or null for both. */
function twoStates(args: Args): LstmState | null {
  const [h, c] = args.tensors('hx');
  return h === undefined || c === undefined ? null : { h, c };
}

type MakeLayer = (options: RecurrentLayerOptions) => Layer<NetworkParams>;
type Step = (x: Tensor, params: CellParams) => Outputs;

/** A cell has the parameters of a network of one layer. */
function cell({ init, args, params }: Call, layer: MakeLayer, step: Step): { out: Outputs } {
  const drawn = layer(structure(init)).init(key(0), [1, init.number('input_size')!]).params;
  const x = args.tensor('input');
  return { out: step(x, filled('parameter', { ...cellOf(drawn) }, params, x) as unknown as CellParams) };
}

type Nonlinearity = 'tanh' | 'relu';

const gruModule: Adapter = (call) =>
  network(call, gruLayer(structure(call.init)), (x, params, options) => {
    const { output, hN } = gru(x, params, { ...options, h0: oneState(call.args) });
    return { output, h_n: hN };
  });

const rnnModule: Adapter = (call) => {
  const nonlinearity = call.init.get<Nonlinearity>('nonlinearity');
  return network(call, rnnLayer({ ...structure(call.init), nonlinearity }), (x, params, options) => {
    const { output, hN } = rnn(x, params, { ...options, nonlinearity, h0: oneState(call.args) });
    return { output, h_n: hN };
  });
};

const lstmModule: Adapter = (call) => {
  // PyTorch's 0 is no projection.
  const projSize = call.init.number('proj_size') || undefined;
  return network(call, lstmLayer({ ...structure(call.init), projSize }), (x, params, options) => {
    const before = twoStates(call.args);
    const { output, hN, cN } = lstm(x, params, { ...options, h0: before?.h, c0: before?.c });
    return { output, h_n: hN, c_n: cN };
  });
};

export const recurrent: Adapters = {
  'nn.GRU': gruModule,
  'nn.LSTM': lstmModule,
  'nn.RNN': rnnModule,
  'nn.GRUCell': (call) => cell(call, gruLayer, (x, params) => ({ h: gruCell(x, oneState(call.args), params) })),
  'nn.LSTMCell': (call) =>
    cell(call, lstmLayer, (x, params) => {
      const { h, c } = lstmCell(x, twoStates(call.args), params);
      return { h, c };
    }),
  'nn.RNNCell': (call) => {
    const nonlinearity = call.init.get<Nonlinearity>('nonlinearity');
    return cell(call, rnnLayer, (x, params) => ({ h: rnnCell(x, oneState(call.args), params, { nonlinearity }) }));
  },
};

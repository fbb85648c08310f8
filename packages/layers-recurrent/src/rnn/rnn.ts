import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, le, tanh, type Tensor, where } from '@lemmata/tensor';
import { affine, type Cell, stepOnce } from '../cell.js';
import { recurrentLayer, type RecurrentLayerOptions } from '../layer.js';
import { NETWORK_OPTIONS, type RecurrentOptions, runNetwork } from '../network.js';
import type { CellParams, NetworkParams } from '../params.js';

export interface RnnCellOptions {
  /** Default `'tanh'`. */
  readonly nonlinearity?: 'tanh' | 'relu' | undefined;
}

export type RnnOptions = RecurrentOptions & RnnCellOptions;
export type RnnLayerOptions = RecurrentLayerOptions & RnnCellOptions;

/** What an RNN or GRU gives. */
export interface RnnResult {
  /** `[N, T, directions · H]`: the last layer's state after each step. */
  readonly output: Tensor;
  /** `[numLayers · directions, N, H]`: every layer's state after its last step, forward before reverse. */
  readonly hN: Tensor;
}

/** h′ = f(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh), with f tanh or ReLU. */
function cell(op: string, { nonlinearity = 'tanh' }: RnnCellOptions): Cell {
  if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') {
    throw new OptionError(op, [`nonlinearity must be 'tanh' or 'relu', received ${formatValue(nonlinearity)}`]);
  }
  return {
    gates: 1,
    states: 1,
    step(projected, [h], { weight_hh, bias_hh }) {
      const sum = add(projected, affine(h, weight_hh, bias_hh));
      // As a comparison, so that the derivative of ReLU at 0 is 0.
      return [nonlinearity === 'tanh' ? tanh(sum) : where(le(sum, 0), 0, sum)];
    },
  };
}

/**
 * An Elman network: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh) in every layer, which the next layer reads.
 *
 * @param x [N, T, I], or one sequence [T, I]
 * @param params named `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `…_l0_reverse`, `…_l1`, …: they say how
 * many layers and directions there are
 * @example rnn(x, params, { lengths: [5, 3] }).output
 * @throws ShapeError naming every rule that is broken; OptionError for options.
 *
 * Source: Elman 1990, https://doi.org/10.1207/s15516709cog1402_1; conventions of
 * https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export function rnn(x: Tensor, params: NetworkParams, options: RnnOptions = {}): RnnResult {
  return run('rnn', x, params, options);
}

function run(op: string, x: Tensor, params: NetworkParams, options: RnnOptions): RnnResult {
  unknownOptions(op, options, [...NETWORK_OPTIONS, 'nonlinearity']);
  const { output, states } = runNetwork(op, cell(op, options), x, params, [options.h0 ?? null], options);
  return { output, hN: states[0] };
}

/**
 * One step of {@link rnn}: the next h, [N, H]. Without a batch x is [I] and h [H].
 *
 * @param h [N, H]; null: 0
 * @param params weight_ih [H, I], weight_hh [H, H], bias_ih and bias_hh [H] or none
 */
export function rnnCell(x: Tensor, h: Tensor | null, params: CellParams, options: RnnCellOptions = {}): Tensor {
  unknownOptions('rnnCell', options, ['nonlinearity']);
  return stepOnce('rnnCell', cell('rnnCell', options), x, [h], params)[0];
}

/**
 * {@link rnn} as a layer, [N, T, I] → [N, T, directions · H].
 *
 * @example rnnLayer({ hiddenSize: 16, bidirectional: true })
 * @throws OptionError for options; ShapeError from `init` for inputs other than [T, I].
 */
export function rnnLayer(options: RnnLayerOptions): Layer<NetworkParams, Empty> {
  const { nonlinearity } = options ?? {};
  cell('rnn', { nonlinearity });
  return recurrentLayer(options, ['nonlinearity'], {
    kind: 'rnn',
    gates: 1,
    run: (x, params, options) => run('rnn', x, params, { ...options, nonlinearity }),
  });
}

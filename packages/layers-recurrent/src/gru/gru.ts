import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, mul, narrow, sigmoid, split, sub, tanh, type Tensor } from '@lemmata/tensor';
import { affine, type Cell, stepOnce } from '../cell.js';
import { recurrentLayer, type RecurrentLayerOptions } from '../layer.js';
import { NETWORK_OPTIONS, type RecurrentOptions, runNetwork } from '../network.js';
import type { CellParams, NetworkParams } from '../params.js';
import type { RnnResult } from '../rnn/rnn.js';

export interface GruCellOptions {
  /**
   * Where the reset gate stands. True: after the product, r ⊙ (W_hn h + b_hn), as in PyTorch and cuDNN. False: before it,
   * W_hn (r ⊙ h) + b_hn, as in the paper. Default true.
   */
  readonly resetAfter?: boolean | undefined;
}

export type GruOptions = RecurrentOptions & GruCellOptions;
export type GruLayerOptions = RecurrentLayerOptions & GruCellOptions;

/** Gates in the order r, z, n. */
function cell(op: string, { resetAfter = true }: GruCellOptions): Cell {
  if (typeof resetAfter !== 'boolean')
    throw new OptionError(op, [`resetAfter must be true or false, received ${formatValue(resetAfter)}`]);
  return {
    gates: 3,
    states: 1,
    step(projected, [h], { weight_hh, bias_hh }) {
      const H = h.shape[1];
      const gates = (t: Tensor, start: number, count: number): Tensor => narrow(t, -1, start * H, count * H);
      const [xr, xz, xn] = split(projected, H, 1);
      let candidate: Tensor;
      let z: Tensor;
      if (resetAfter) {
        const [hr, hz, hn] = split(affine(h, weight_hh, bias_hh), H, 1);
        z = sigmoid(add(xz, hz));
        candidate = add(xn, mul(sigmoid(add(xr, hr)), hn));
      } else {
        const product = (x: Tensor, start: number, count: number): Tensor =>
          affine(x, gates(weight_hh, start, count), bias_hh && gates(bias_hh, start, count));
        const [hr, hz] = split(product(h, 0, 2), H, 1);
        z = sigmoid(add(xz, hz));
        candidate = add(xn, product(mul(sigmoid(add(xr, hr)), h), 2, 1));
      }
      const n = tanh(candidate);
      return [add(n, mul(z, sub(h, n)))];
    },
  };
}

/**
 * Gated recurrent units. In every layer, with gates in this order in the rows of the weights,
 *
 * r = σ(W_ir x + b_ir + W_hr h + b_hr), z = σ(W_iz x + b_iz + W_hz h + b_hz),
 * n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)), h′ = (1 − z) ⊙ n + z ⊙ h.
 *
 * @param x [N, T, I], or one sequence [T, I]
 * @param params named `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `…_l0_reverse`, `…_l1`, …: they say how
 * many layers and directions there are
 * @example gru(x, params, { lengths: [5, 3] }).output
 * @throws ShapeError naming every rule that is broken; OptionError for options.
 *
 * Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078; conventions of
 * https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export function gru(x: Tensor, params: NetworkParams, options: GruOptions = {}): RnnResult {
  unknownOptions('gru', options, [...NETWORK_OPTIONS, 'resetAfter']);
  const { output, states } = runNetwork('gru', cell('gru', options), x, params, [options.h0 ?? null], options);
  return { output, hN: states[0] };
}

/**
 * One step of {@link gru}: the next h, [N, H]. Without a batch x is [I] and h [H].
 *
 * @param h [N, H]; null: 0
 * @param params weight_ih [3H, I], weight_hh [3H, H], bias_ih and bias_hh [3H] or none
 */
export function gruCell(x: Tensor, h: Tensor | null, params: CellParams, options: GruCellOptions = {}): Tensor {
  unknownOptions('gruCell', options, ['resetAfter']);
  return stepOnce('gruCell', cell('gruCell', options), x, [h], params)[0];
}

/**
 * {@link gru} as a layer, [N, T, I] → [N, T, directions · H].
 *
 * @example gruLayer({ hiddenSize: 16, numLayers: 2, dropout: 0.2 })
 * @throws OptionError for options; ShapeError from `init` for inputs other than [T, I].
 */
export function gruLayer(options: GruLayerOptions): Layer<NetworkParams, Empty> {
  const { resetAfter } = options ?? {};
  cell('gru', { resetAfter });
  return recurrentLayer(options, ['resetAfter'], {
    kind: 'gru',
    gates: 3,
    run: (x, params, options) => gru(x, params, { ...options, resetAfter }),
  });
}

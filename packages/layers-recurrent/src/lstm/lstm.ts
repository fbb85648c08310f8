import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, concat, full, matmul, mul, narrow, sigmoid, split, tanh, type Tensor } from '@lemmata/tensor';
import { affine, type Cell, stepOnce } from '../cell.js';
import { recurrentLayer, type RecurrentLayerOptions } from '../layer.js';
import { NETWORK_OPTIONS, type RecurrentOptions, runNetwork } from '../network.js';
import type { CellParams, NetworkParams } from '../params.js';

export interface LstmOptions extends RecurrentOptions {
  /** c before the first step, [numLayers · directions, N, H]. Default 0. */
  readonly c0?: Tensor | null | undefined;
}

export interface LstmLayerOptions extends RecurrentLayerOptions {
  /** Features to which the output of each step is projected; fewer than hiddenSize. Default: no projection. */
  readonly projSize?: number | undefined;
  /** What the forget gates of all layers and directions start with in place of a drawn bias. Default: drawn. */
  readonly forgetBias?: number | undefined;
}

/** The states of an LSTM cell. */
export interface LstmState {
  /** `[N, R]`: the output. */
  readonly h: Tensor;
  /** [N, H] */
  readonly c: Tensor;
}

export interface LstmResult {
  /** `[N, T, directions · R]`: the last layer's h after each step. */
  readonly output: Tensor;
  /** `[numLayers · directions, N, R]`: every layer's h after its last step, forward before reverse. */
  readonly hN: Tensor;
  /** `[numLayers · directions, N, H]`: every layer's c after its last step. */
  readonly cN: Tensor;
}

/** Gates in the order i, f, g, o. */
const cell: Cell = {
  gates: 4,
  states: 2,
  step(projected, [h, c], { weight_hh, bias_hh, weight_hr }) {
    const [i, f, g, o] = split(add(projected, affine(h, weight_hh, bias_hh)), c.shape[1], 1);
    const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
    const output = mul(sigmoid(o), tanh(next));
    return [weight_hr === undefined ? output : matmul(output, weight_hr), next];
  },
};

/**
 * Long short-term memory. In every layer, with gates in this order in the rows of the weights,
 *
 * i = σ(W_ii x + b_ii + W_hi h + b_hi), f = σ(W_if x + b_if + W_hf h + b_hf),
 * g = tanh(W_ig x + b_ig + W_hg h + b_hg), o = σ(W_io x + b_io + W_ho h + b_ho),
 * c′ = f ⊙ c + i ⊙ g, h′ = o ⊙ tanh(c′), or W_hr (o ⊙ tanh(c′)) with a projection.
 *
 * @param x [N, T, I], or one sequence [T, I]
 * @param params named `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `weight_hr_l0` (projection),
 * `…_l0_reverse`, `…_l1`, …: they say how many layers and directions there are
 * @example lstm(x, params, { h0, c0, lengths: [5, 3] }).output
 * @throws ShapeError naming every rule that is broken; OptionError for options.
 *
 * Source: Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; projections: Sak et al. 2014,
 * https://arxiv.org/abs/1402.1128; conventions of https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export function lstm(x: Tensor, params: NetworkParams, options: LstmOptions = {}): LstmResult {
  unknownOptions('lstm', options, [...NETWORK_OPTIONS, 'c0']);
  const { h0 = null, c0 = null } = options;
  const { output, states } = runNetwork('lstm', cell, x, params, [h0, c0], options);
  return { output, hN: states[0], cN: states[1] };
}

/**
 * One step of {@link lstm}. Without a batch x is [I], h [R] and c [H].
 *
 * @param state h [N, R] and c [N, H]; null: 0
 * @param params weight_ih [4H, I], weight_hh [4H, R], bias_ih and bias_hh [4H] or none, weight_hr [R, H] or none
 */
export function lstmCell(x: Tensor, state: LstmState | null, params: CellParams): LstmState {
  const [h, c] = stepOnce('lstmCell', cell, x, [state?.h ?? null, state?.c ?? null], params);
  return { h, c };
}

/**
 * {@link lstm} as a layer, [N, T, I] → [N, T, directions · R].
 *
 * @example lstmLayer({ hiddenSize: 128, numLayers: 2, bidirectional: true })
 * @throws OptionError for options; ShapeError from `init` for inputs other than [T, I].
 */
export function lstmLayer(options: LstmLayerOptions): Layer<NetworkParams, Empty> {
  const { hiddenSize, projSize, forgetBias, bias = true } = options ?? {};
  const reasons: string[] = [];
  if (projSize !== undefined && !(Number.isSafeInteger(projSize) && projSize >= 1 && projSize < hiddenSize))
    reasons.push(
      `projSize must be a positive integer below hiddenSize ${hiddenSize}, received ${formatValue(projSize)}`,
    );
  if (forgetBias !== undefined && !Number.isFinite(forgetBias))
    reasons.push(`forgetBias must be a finite number, received ${formatValue(forgetBias)}`);
  if (forgetBias !== undefined && !bias) reasons.push('forgetBias needs biases; leave bias: false out');
  if (reasons.length > 0) throw new OptionError('lstm', reasons);
  return recurrentLayer(options, ['projSize', 'forgetBias'], {
    kind: 'lstm',
    gates: 4,
    projection: projSize,
    ...(forgetBias === undefined ? {} : { adjust: (params) => withForgetBias(params, hiddenSize, forgetBias) }),
    run: lstm,
  });
}

/** All of it in bias_ih, for the two biases add up. */
function withForgetBias(params: Record<string, Tensor>, H: number, value: number): Record<string, Tensor> {
  const entries = Object.entries(params).map(([name, tensor]): [string, Tensor] => {
    if (!name.startsWith('bias')) return [name, tensor];
    const forget = full([H], name.startsWith('bias_ih') ? value : 0);
    return [name, concat([narrow(tensor, 0, 0, H), forget, narrow(tensor, 0, 2 * H, 2 * H)])];
  });
  return Object.fromEntries(entries);
}

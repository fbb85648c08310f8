import { checkKeyedDropout, type KeyedDropout } from '@lemmata/nn';
import { formatValue, OptionError, Problems, unknownOptions } from '@lemmata/shape';
import {
  add,
  asTensor,
  broadcastTo,
  concat,
  isFloat,
  matmul,
  mean,
  narrow,
  permute,
  reshape,
  split,
  type Tensor,
  transpose,
  unsqueeze,
  where,
  zeros,
} from '@lemmata/tensor';
import { checkSwitches } from '../scaled-dot-product-attention/switches.js';
import { causalMask } from '../scaled-dot-product-attention/mask.js';
import { attend } from '../scaled-dot-product-attention/scaled-dot-product-attention.js';
import { checkMasks, joinMasks, type Lengths } from './masks.js';
import { checkParams, type MultiHeadAttentionParams } from './params.js';

export interface MultiHeadAttentionOptions {
  /** Into how many heads the features are split; divides them. */
  readonly numHeads: number;
  /**
   * [L, S], [N · heads, L, S] or what broadcasts to [N, heads, L, S] from four axes. Truth values: **true = attend**, the
   * opposite of PyTorch's `attn_mask` here. Numbers: added to the scores. Default: none.
   */
  readonly mask?: Tensor | null | undefined;
  /** [N, S], **true = padding**: no query attends to it, and NaN in it reaches nothing. Default: no padding. */
  readonly keyPaddingMask?: Tensor | null | undefined;
  /** Query i attends to keys 0 … i alone. Holds besides the masks. Default false. */
  readonly causal?: boolean | undefined;
  /** Drops weights. Default: none. */
  readonly dropout?: KeyedDropout | null | undefined;
  /** A further key and value of zeros, which everyone may attend to. Default false. */
  readonly addZeroAttn?: boolean | undefined;
  /** [N, L, E]; false: [L, N, E]. Default true. */
  readonly batchFirst?: boolean | undefined;
}

export interface MultiHeadWeightsOptions extends MultiHeadAttentionOptions {
  /** The mean over the heads, [N, L, S]; false: those of each, [N, heads, L, S]. Default true. */
  readonly averageWeights?: boolean | undefined;
}

const names = ['numHeads', 'mask', 'keyPaddingMask', 'causal', 'dropout', 'addZeroAttn', 'batchFirst'];

/**
 * Attention of several heads at once: query, key and value are projected, each head attends with its share of the
 * features, and the heads' outputs, side by side, are projected again.
 *
 * @param query [N, L, E], or one sequence [L, E]
 * @param key [N, S, kdim]
 * @param value [N, S, vdim]
 * @returns [N, L, E]
 * @example multiHeadAttention(x, x, x, params, { numHeads: 4, causal: true })
 * @throws ShapeError naming every rule that is broken; OptionError for options.
 *
 * Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; conventions of
 * https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
export function multiHeadAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  params: MultiHeadAttentionParams,
  options: MultiHeadAttentionOptions,
): Tensor {
  unknownOptions('multiHeadAttention', options, names);
  return heads(query, key, value, params, options).output;
}

/** {@link multiHeadAttention} and its weights, as applied: after dropout, with extra keys behind those of the input. */
export function multiHeadAttentionWithWeights(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  params: MultiHeadAttentionParams,
  options: MultiHeadWeightsOptions,
): { readonly output: Tensor; readonly weights: Tensor } {
  const { averageWeights = true, ...rest } = options;
  unknownOptions('multiHeadAttention', rest, names);
  checkSwitches('multiHeadAttention', { averageWeights });
  const { output, weights } = heads(query, key, value, params, rest);
  return { output, weights: averageWeights ? mean(weights, { axis: -3 }) : weights };
}

function heads(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  params: MultiHeadAttentionParams,
  options: MultiHeadAttentionOptions,
): { readonly output: Tensor; readonly weights: Tensor } {
  const op = 'multiHeadAttention';
  const { batchFirst = true, keyPaddingMask: padding = null, causal = false, addZeroAttn = false } = options;
  checkSwitches(op, { batchFirst, causal, addZeroAttn });
  checkKeyedDropout(op, options.dropout ?? null);
  const inputs = { query: asTensor(query, op), key: asTensor(key, op), value: asTensor(value, op) };
  const ranks = Object.values(inputs).map((x) => x.rank);
  if (ranks.every((rank) => rank === 2)) {
    const one = (x: Tensor): Tensor => unsqueeze(x, 0);
    const alone = { ...options, batchFirst: true, keyPaddingMask: padding === null ? null : one(padding) };
    const { output, weights } = heads(one(query), one(key), one(value), params, alone);
    return { output: reshape(output, query.shape), weights: reshape(weights, weights.shape.slice(1)) };
  }
  if (ranks.some((rank) => rank !== 3)) {
    const problems = new Problems(op);
    problems.add({ rule: 'query, key and value must be all [N, length, features], or all [length, features]' });
    problems.throwIfAny(Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape])));
  }
  if (batchFirst) return inBatch(op, query, key, value, params, options);
  const turned = (x: Tensor): Tensor => permute(x, [1, 0, 2]);
  // One tensor for key and value stays one.
  const k = turned(key);
  const { output, weights } = inBatch(
    op,
    query === key ? k : turned(query),
    k,
    value === key ? k : turned(value),
    params,
    options,
  );
  return { output: turned(output), weights };
}

/** For [N, length, features] of all three. */
function inBatch(
  op: string,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  params: MultiHeadAttentionParams,
  options: MultiHeadAttentionOptions,
): { readonly output: Tensor; readonly weights: Tensor } {
  const { numHeads, dropout, causal = false, addZeroAttn = false } = options;
  const [mask, padding] = [options.mask ?? null, options.keyPaddingMask ?? null];
  const [N, L, E] = query.shape;
  const S = key.shape[1];
  checkHeads(op, numHeads, E);
  const learnt = params.bias_k !== undefined;
  const lengths: Lengths = {
    batch: N,
    heads: numHeads,
    queries: L,
    keys: S,
    extra: Number(learnt) + Number(addZeroAttn),
  };
  const problems = new Problems(op);
  const dtypes = [query.dtype, key.dtype, value.dtype];
  if (!isFloat(dtypes[0]) || dtypes.some((dtype) => dtype !== dtypes[0]))
    problems.add({ rule: 'query, key and value must be all float32, or all float64', received: dtypes });
  if (key.shape[0] !== N || value.shape[0] !== N)
    problems.add({ rule: 'query, key and value must have one batch', received: [N, key.shape[0], value.shape[0]] });
  if (value.shape[1] !== S)
    problems.add({ rule: 'value must be as long as key', received: value.shape[1], expected: S });
  checkParams(problems, params, E, key.shape[2], value.shape[2]);
  checkMasks(problems, mask, padding, lengths, query.dtype);
  problems.throwIfAny({ query: query.shape, key: key.shape, value: value.shape });

  const project = (x: Tensor, i: number, count = 1): Tensor => projected(params, x, i, count);
  let [q, k, v]: Tensor[] = [];
  if (padding === null && query === key && key === value && params.in_proj_weight !== undefined) {
    [q, k, v] = split(project(query, 0, 3), E, -1);
  } else {
    // Not only the keys: a weight's gradient would read what stands in the padding.
    const clean = (x: Tensor): Tensor => (padding === null ? x : where(unsqueeze(padding, -1), 0, x));
    [q, k, v] = [project(query, 0), project(clean(key), 1), project(clean(value), 2)];
  }
  const withRow = (x: Tensor, row: Tensor): Tensor => concat([x, broadcastTo(row, [N, 1, E])], 1);
  if (learnt) [k, v] = [withRow(k, params.bias_k), withRow(v, params.bias_v!)];
  if (addZeroAttn) [k, v] = [k, v].map((x) => withRow(x, zeros([1, 1, E], x.dtype)));
  const apart = (x: Tensor): Tensor => permute(reshape(x, [N, x.shape[1], numHeads, E / numHeads]), [0, 2, 1, 3]);
  const { output, weights } = attend(op, apart(q), apart(k), apart(v), {
    mask: joinMasks(mask, causal ? causalMask(L, S) : null, padding, lengths),
    dropout,
  });
  const together = reshape(permute(output, [0, 2, 1, 3]), [N, L, E]);
  const y = matmul(together, transpose(params.out_proj.weight));
  return { output: params.out_proj.bias === undefined ? y : add(y, params.out_proj.bias), weights };
}

/** `count` of the projections to query, key and value, from the i-th on. */
function projected(params: MultiHeadAttentionParams, x: Tensor, i: number, count: number): Tensor {
  const { in_proj_weight: joint, in_proj_bias: bias, out_proj } = params;
  const E = out_proj.weight.shape[0];
  const part = (t: Tensor): Tensor => narrow(t, 0, i * E, count * E);
  const own = [params.q_proj_weight, params.k_proj_weight, params.v_proj_weight][i];
  const y = matmul(x, transpose(joint === undefined ? own! : part(joint)));
  return bias === undefined ? y : add(y, part(bias));
}

/** @throws OptionError unless the heads divide the features. */
export function checkHeads(op: string, numHeads: number, embedDim: number): void {
  if (Number.isSafeInteger(numHeads) && numHeads >= 1 && embedDim % numHeads === 0) return;
  throw new OptionError(op, [
    `numHeads must be a positive integer that divides the ${formatValue(embedDim)} features, received ${formatValue(numHeads)}`,
  ]);
}

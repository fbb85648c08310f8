import { checkKeyedDropout, dropped, type KeyedDropout } from '@lemmata/nn';
import { formatValue, broadcastShapes, OptionError, Problems, type Shape, unknownOptions } from '@lemmata/shape';
import {
  add,
  asTensor,
  broadcastTo,
  isFloat,
  matmul,
  mul,
  repeatInterleave,
  softmax,
  type Tensor,
  transpose,
} from '@lemmata/tensor';
import { type CausalAlignment, causalMask, checkMask, maskedSoftmax, splitMask } from './mask.js';
import { maskedMix, maskedScores } from './masked-product.js';
import { checkSwitches } from './switches.js';

export interface AttentionOptions {
  /**
   * Broadcasts to [..., L, S]. Truth values: **true = attend**. Numbers: added to the scores; −∞ is as good as false.
   * Default: every query attends to every key.
   */
  readonly mask?: Tensor | null | undefined;
  /** No query attends to a key behind it; `true` is `'top-left'`. Holds besides the mask. Default false. */
  readonly causal?: boolean | CausalAlignment | undefined;
  /** Drops weights. Default: none. */
  readonly dropout?: KeyedDropout | null | undefined;
  /** Of the scores. Default 1 / √D. */
  readonly scale?: number | undefined;
  /** Let groups of query heads (axis −3) share a key and value head: H may be a multiple of theirs. Default false. */
  readonly enableGqa?: boolean | undefined;
}

/** What attention gives, and with which weights. */
export interface Attended {
  /** [..., L, Dv] */
  readonly output: Tensor;
  /** [..., L, S], as applied: after dropout. */
  readonly weights: Tensor;
}

/**
 * softmax(scale · Q Kᵀ + mask) V along the last two axes; leading axes (batch, heads) broadcast.
 *
 * A query that attends to no key gives 0, with a gradient of 0. What is masked is not read: NaN in it changes nothing,
 * neither values nor gradients.
 *
 * @param query [..., L, D]
 * @param key [..., S, D]
 * @param value [..., S, Dv]
 * @returns [..., L, Dv]
 * @example scaledDotProductAttention(q, k, v, { causal: true })
 * @throws ShapeError naming every rule that is broken; OptionError for options.
 *
 * Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; conventions of
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  return attend('scaledDotProductAttention', query, key, value, options).output;
}

/** {@link scaledDotProductAttention} and its weights. */
export function scaledDotProductAttentionWithWeights(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Attended {
  return attend('scaledDotProductAttention', query, key, value, options);
}

/** As {@link scaledDotProductAttentionWithWeights}; `op` names the caller in errors. */
export function attend(op: string, query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Attended {
  unknownOptions(op, options, ['mask', 'causal', 'dropout', 'scale', 'enableGqa']);
  const { dropout = null, enableGqa = false } = options;
  checkSwitches(op, { enableGqa });
  checkKeyedDropout(op, dropout);
  const mask = options.mask ?? null;
  const operands = { query: asTensor(query, op), key: asTensor(key, op), value: asTensor(value, op) };
  const alignment = alignmentOf(op, options.causal);
  checkScale(op, options.scale);
  const problems = new Problems(op);
  checkOperands(problems, operands, enableGqa);
  problems.throwIfAny(shapesOf(operands));

  const groups = enableGqa ? query.shape.at(-3)! / key.shape.at(-3)! : 1;
  const heads = (x: Tensor): Tensor => (groups === 1 ? x : repeatInterleave(x, groups, -3));
  const [k, v] = [heads(key), heads(value)];
  const batch = broadcastShapes(op, ...[query, k, v].map((x) => x.shape.slice(0, -2)));
  const over = (x: Tensor): Tensor => broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  const [L, S] = [query.shape.at(-2)!, key.shape.at(-2)!];
  const scores = [...batch, L, S];
  if (mask !== null) checkMask(problems, 'mask', mask, scores, query.dtype);
  problems.throwIfAny({ ...shapesOf(operands), ...(mask === null ? {} : { mask: mask.shape }) });

  const q = mul(query, options.scale ?? 1 / Math.sqrt(query.shape.at(-1)!));
  const { keep, bias } = splitMask(mask, alignment === null ? null : causalMask(L, S, alignment));
  const biased = (s: Tensor): Tensor => (bias === null ? s : add(s, bias));
  const drop = (w: Tensor): Tensor => (dropout === null ? w : dropped(op, w, dropout.key, dropout.p));
  if (keep === null) {
    const weights = drop(softmax(biased(matmul(over(q), transpose(over(k))))));
    return { output: matmul(weights, over(v)), weights };
  }
  const everywhere = broadcastTo(keep, scores);
  const weights = maskedSoftmax(biased(maskedScores(over(q), over(k), everywhere)), keep);
  const applied = drop(weights);
  return { output: maskedMix(applied, over(v), everywhere), weights: applied };
}

function alignmentOf(op: string, causal: AttentionOptions['causal'] = false): CausalAlignment | null {
  if (causal === false) return null;
  if (causal === true) return 'top-left';
  if (causal === 'top-left' || causal === 'bottom-right') return causal;
  throw new OptionError(op, [
    `causal must be true, false, 'top-left' or 'bottom-right', received ${formatValue(causal)}`,
  ]);
}

function checkScale(op: string, scale: number | undefined): void {
  if (scale === undefined || Number.isFinite(scale)) return;
  throw new OptionError(op, [`scale must be a finite number, received ${formatValue(scale)}`]);
}

type Operands = Readonly<Record<'query' | 'key' | 'value', Tensor>>;

function checkOperands(problems: Problems, operands: Operands, enableGqa: boolean): void {
  const { query, key, value } = operands;
  const least = enableGqa ? 3 : 2;
  for (const [name, { rank }] of Object.entries(operands)) {
    if (rank < least)
      problems.add({
        rule: `${name} must have at least ${least} axes, [..., ${enableGqa ? 'heads, ' : ''}length, features]`,
        received: rank,
      });
  }
  if (problems.reasons.length > 0) return;
  const dtypes = [query, key, value].map((x) => x.dtype);
  if (!isFloat(dtypes[0]) || dtypes.some((dtype) => dtype !== dtypes[0])) {
    problems.add({
      rule: 'query, key and value must be all float32, or all float64',
      received: dtypes,
      hint: 'Convert with cast',
    });
  }
  const equal = (rule: string, received: number, expected: number): void => {
    if (received !== expected) problems.add({ rule, received, expected });
  };
  equal('key must have as many features as query', key.shape.at(-1)!, query.shape.at(-1)!);
  equal('value must be as long as key', value.shape.at(-2)!, key.shape.at(-2)!);
  if (query.shape.at(-1) === 0) problems.add({ rule: 'query must have at least one feature' });
  if (!enableGqa) return;
  equal('value must have as many heads as key', value.shape.at(-3)!, key.shape.at(-3)!);
  const [H, shared] = [query.shape.at(-3)!, key.shape.at(-3)!];
  if (shared === 0 || H % shared !== 0)
    problems.add({ rule: `the heads of key must divide the ${H} of query`, received: shared });
}

function shapesOf(operands: Operands): Record<string, Shape> {
  return Object.fromEntries(Object.entries(operands).map(([name, { shape }]) => [name, shape]));
}

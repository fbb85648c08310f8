import type { NdArray } from '@lemmata/laws';
import { at, attention, build, type SeededDropout, total } from '../scaled-dot-product-attention/oracle.laws.js';
import type { MultiHeadAttentionParams } from './params.js';

/** A tree of tensors as one of arrays. */
type Plain<T> = {
  readonly [K in keyof T]: NonNullable<T[K]> extends { readonly dtype: unknown } ? NdArray : Plain<T[K]>;
};

export interface PlainHeads {
  readonly numHeads: number;
  readonly causal?: boolean;
  readonly addZeroAttn?: boolean;
  /** Three or four axes, or [L, S]. */
  readonly mask?: NdArray | undefined;
  /** What the mask says: where to attend, or what is added. */
  readonly maskIs?: 'truths' | 'added';
  /** [N, S] */
  readonly padding?: NdArray | undefined;
  readonly dropout?: SeededDropout | undefined;
}

/** Output [N, L, E] and the weights of each head [N, heads, L, S + extra] of attention, one head after the other. */
export function plainHeads(
  inputs: readonly [query: NdArray, key: NdArray, value: NdArray],
  params: Plain<MultiHeadAttentionParams>,
  { numHeads, causal = false, addZeroAttn = false, mask, maskIs, padding, dropout }: PlainHeads,
): [output: NdArray, weights: NdArray] {
  const [N, L, E] = inputs[0].shape;
  const S = inputs[1].shape[1];
  const [D, learnt] = [E / numHeads, Number(params.bias_k !== undefined)];
  const all = S + learnt + Number(addZeroAttn);
  const perHead = mask?.shape.length === 3 ? { shape: [N, numHeads, L, S], data: mask.data } : mask;

  // Behind the input stand what is learnt, and then zeros.
  const [q, k, v] = inputs.map((x, part) => {
    const own = [params.q_proj_weight, params.k_proj_weight, params.v_proj_weight][part];
    return build([N, part === 0 ? L : all, E], ([n, i, c]) => {
      if (i >= x.shape[1]) return i < S + learnt ? [params.bias_k, params.bias_v][part - 1]!.data[c] : 0;
      const weight = (e: number): number => (own ? at(own, [c, e]) : at(params.in_proj_weight!, [part * E + c, e]));
      const bias = params.in_proj_bias?.data[part * E + c] ?? 0;
      return bias + total(x.shape[2], (e) => weight(e) * at(x, [n, i, e]));
    });
  });

  const [heads, weights] = attention(
    [N, numHeads],
    [L, all, D],
    ([n, h], i, j) => {
      const inside = j < S;
      if (inside && ((causal && j > i) || (padding !== undefined && at(padding, [n, j]) === 1))) return null;
      const masked = inside && perHead !== undefined ? at(perHead, [n, h, i, j]) : undefined;
      if (maskIs === 'truths' ? masked === 0 : masked === -Infinity) return null;
      const added = maskIs === 'added' ? (masked ?? 0) : 0;
      const product = total(D, (d) => (at(q, [n, i, h * D + d]) / Math.sqrt(D)) * at(k, [n, j, h * D + d]));
      return added + product;
    },
    ([n, h], j, d) => at(v, [n, j, h * D + d]),
    dropout,
  );
  const { weight, bias } = params.out_proj;
  const output = build([N, L, E], ([n, i, e]) => {
    const terms = total(E, (c) => at(weight, [e, c]) * at(heads, [n, Math.floor(c / D), i, c % D]));
    return (bias?.data[e] ?? 0) + terms;
  });
  return [output, weights];
}

/** The mean over the heads, [N, heads, L, S] → [N, L, S]. */
export function averaged(weights: NdArray): NdArray {
  const [N, heads, L, S] = weights.shape;
  return build([N, L, S], ([n, i, j]) => total(heads, (h) => at(weights, [n, h, i, j])) / heads);
}

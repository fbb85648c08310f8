import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer, truths } from '@lemmata/laws';
import { key, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { at, build, type SeededDropout } from '../scaled-dot-product-attention/oracle.laws.js';
import { dropouts } from '../scaled-dot-product-attention/search.laws.js';
import { multiHeadAttentionLayer } from './layer.js';
import { multiHeadAttentionWithWeights } from './multi-head-attention.js';
import { averaged, plainHeads } from './oracle.laws.js';

interface Search {
  readonly numHeads: number;
  readonly causal: boolean;
  readonly addZeroAttn: boolean;
  readonly averageWeights: boolean;
  /** One tensor is query, key and value. */
  readonly self: boolean;
  /** Where the batch stands; a single sequence has none. */
  readonly batch: 'first' | 'second' | 'none';
  readonly maskIs?: 'truths' | 'added';
  readonly dropout?: SeededDropout | null;
  /** As a layer: of itself, in this mode, told the features or not. */
  readonly layer?: { readonly train: boolean; readonly embedDim?: number; readonly defaults: boolean };
  /** What follows the sequences in the inputs, in this order. */
  readonly names: readonly string[];
}

/** Inputs by their names: sequences, parameters and masks. */
function apart<T>({ self, names }: Search, inputs: readonly T[]) {
  const sequences = (self ? [inputs[0], inputs[0], inputs[0]] : inputs.slice(0, 3)) as [T, T, T];
  const by = Object.fromEntries(names.map((name, i) => [name, inputs[(self ? 1 : 3) + i]!])) as Record<string, T>;
  const { mask, padding, weight, bias, ...rest } = by;
  const out_proj = bias === undefined ? { weight: weight! } : { weight: weight!, bias };
  return { sequences, mask, padding, params: { ...rest, out_proj } };
}

export function multiHeadCall(a: Search, ...inputs: Tensor[]): Tensor[] {
  const { numHeads, causal, addZeroAttn, averageWeights, batch } = a;
  const { sequences, mask, padding: keyPaddingMask, params } = apart(a, inputs);
  if (a.layer !== undefined) {
    const { train, defaults, ...features } = a.layer;
    const switches = { bias: 'in_proj_bias' in params, addBiasKv: 'bias_k' in params, causal, addZeroAttn };
    const usual = { bias: true, addBiasKv: false, causal: false, addZeroAttn: false };
    // What is as it is by default may be left out.
    const given = Object.entries(switches).filter(
      ([name, on]) => !defaults || on !== usual[name as keyof typeof usual],
    );
    const dropout = a.dropout ? { dropout: a.dropout.p } : {};
    const { out_proj, ...front } = params;
    const leaves = [...Object.values<Tensor>(front), ...Object.values<Tensor>(out_proj)];
    const made = multiHeadAttentionLayer({ numHeads, ...features, ...dropout, ...Object.fromEntries(given) });
    return [throughLayer(made, leaves, sequences[0], { train })];
  }
  const options = {
    numHeads,
    causal,
    addZeroAttn,
    averageWeights,
    mask,
    keyPaddingMask,
    batchFirst: batch !== 'second',
    dropout: a.dropout && { p: a.dropout.p, key: key(a.dropout.seed) },
  };
  const { output, weights } = multiHeadAttentionWithWeights(...sequences, params, options);
  return [output, weights];
}

const sizes = fc.record({
  N: fc.constantFrom(1, 2, 2, 0),
  L: fc.integer({ min: 1, max: 3 }),
  keys: fc.integer({ min: 1, max: 3 }),
  numHeads: fc.integer({ min: 1, max: 3 }),
  D: fc.integer({ min: 1, max: 2 }),
  kdim: fc.integer({ min: 1, max: 3 }),
  vdim: fc.integer({ min: 1, max: 3 }),
});
const flags = fc.record({
  causal: fc.boolean(),
  addZeroAttn: fc.boolean(),
  averageWeights: fc.boolean(),
  self: fc.boolean(),
  /** Projections apart, for keys and values of widths of their own. */
  own: fc.boolean(),
  bias: fc.boolean(),
  addBiasKv: fc.boolean(),
  batch: fc.constantFrom<Search['batch'][]>('first', 'second', 'none'),
  dropout: dropouts,
});
/** A layer is attention of a batch to itself, without masks. */
const layers = fc.constantFrom(
  null,
  null,
  { train: true, told: true },
  { train: false, told: false },
  { train: true, told: false },
);
const masks = fc.record({
  maskIs: fc.constantFrom(undefined, 'truths' as const, 'added' as const),
  /** The axes of the mask; of four, those that are 1. */
  axes: fc.constantFrom(2, 3, 4),
  ones: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
  padded: fc.boolean(),
});

export const multiHeadSearch: SearchSamples<Search> = {
  samples: fc
    .tuple(sizes, flags, masks, layers, fc.boolean())
    .map(([size, drawn, masking, as, defaults]): OpSample<Search> => {
      const { own: apart, bias, addBiasKv, dropout, ...free } = drawn;
      const flag = as === null ? free : { ...free, self: true, batch: 'first' as const };
      const own = apart && as === null;
      const mask = as === null ? masking : { ...masking, maskIs: undefined, padded: false };
      const { L, numHeads } = size;
      const N = flag.batch === 'none' ? 1 : size.N;
      const [E, S] = [numHeads * size.D, flag.self ? L : size.keys];
      const [kdim, vdim] = own && !flag.self ? [size.kdim, size.vdim] : [E, E];
      const sequence = (length: number, features: number) =>
        floats({ first: [N, length, features], second: [length, N, features], none: [length, features] }[flag.batch]);
      const four = [N, numHeads, L, S].map((n, axis) => (mask.ones[axis] ? 1 : n));
      const masked = { 2: [L, S], 3: [N * numHeads, L, S], 4: four }[mask.axes] as number[];
      const after = {
        ...(own
          ? { q_proj_weight: floats([E, E]), k_proj_weight: floats([E, kdim]), v_proj_weight: floats([E, vdim]) }
          : { in_proj_weight: floats([3 * E, E]) }),
        ...(bias ? { in_proj_bias: floats([3 * E]), bias: floats([E]) } : {}),
        ...(addBiasKv ? { bias_k: floats([1, 1, E]), bias_v: floats([1, 1, E]) } : {}),
        weight: floats([E, E]),
        ...(mask.maskIs === undefined ? {} : { mask: mask.maskIs === 'truths' ? truths(masked) : floats(masked) }),
        ...(mask.padded ? { padding: truths(flag.batch === 'none' ? [S] : [N, S]) } : {}),
      };
      return {
        attrs: {
          ...flag,
          numHeads,
          names: Object.keys(after),
          ...(mask.maskIs === undefined ? {} : { maskIs: mask.maskIs }),
          // A layer draws from the key that it is given, which is that of the search.
          ...(dropout === undefined
            ? {}
            : { dropout: dropout && { ...dropout, seed: as === null ? dropout.seed : 2 } }),
          ...(as === null ? {} : { layer: { train: as.train, defaults, ...(as.told ? { embedDim: E } : {}) } }),
        },
        inputs: [sequence(L, E), ...(flag.self ? [] : [sequence(S, kdim), sequence(S, vdim)]), ...Object.values(after)],
      };
    }),
  float32Bound: { relative: 1e-4, absolute: 1e-4, reason: 'four products in a row, with weights up to 2' },
  oracle(a, ...inputs) {
    const { sequences, mask, padding, params } = apart<NdArray>(a, inputs);
    const one = (x: NdArray): NdArray => ({ shape: [1, ...x.shape], data: x.data });
    const turned = (x: NdArray): NdArray =>
      build([x.shape[1], x.shape[0], x.shape[2]], ([i, j, k]) => at(x, [j, i, k]));
    const inFront = { first: (x: NdArray) => x, second: turned, none: one }[a.batch];
    const [output, weights] = plainHeads(sequences.map(inFront) as [NdArray, NdArray, NdArray], params, {
      ...a,
      mask,
      padding: padding && a.batch === 'none' ? one(padding) : padding,
      dropout: (a.layer?.train ?? true) ? (a.dropout ?? undefined) : undefined,
    });
    if (a.layer !== undefined) return [output];
    const given = a.averageWeights ? averaged(weights) : weights;
    if (a.batch === 'second') return [turned(output), given];
    return a.batch === 'first' ? [output, given] : [output, given].map((x) => ({ ...x, shape: x.shape.slice(1) }));
  },
};

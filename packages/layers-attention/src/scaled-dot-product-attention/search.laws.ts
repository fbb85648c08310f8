import { floats, type NdArray, type OpSample, type SearchSamples, truths } from '@lemmata/laws';
import { key, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { at, attention, type SeededDropout, total } from './oracle.laws.js';
import { type AttentionOptions, scaledDotProductAttentionWithWeights } from './scaled-dot-product-attention.js';

interface Search extends Pick<AttentionOptions, 'causal' | 'scale' | 'enableGqa'> {
  /** What the fourth input is. */
  readonly mask?: 'truths' | 'added';
  /** The leading axes of the result. */
  readonly batch: readonly number[];
  readonly dropout?: SeededDropout | null;
}

export function attentionCall({ mask: _, batch: _batch, ...rest }: Search, ...inputs: Tensor[]): Tensor[] {
  const [query, keys, value, mask] = inputs as [Tensor, Tensor, Tensor, Tensor | undefined];
  const dropout = rest.dropout && { p: rest.dropout.p, key: key(rest.dropout.seed) };
  const { output, weights } = scaledDotProductAttentionWithWeights(query, keys, value, { ...rest, mask, dropout });
  return [output, weights];
}

/** Mostly none. */
export const dropouts: fc.Arbitrary<SeededDropout | null | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(undefined, null) },
  { weight: 1, arbitrary: fc.record({ p: fc.constantFrom(0.3, 0.8, 0, 1), seed: fc.nat(1e6) }) },
);

const sizes = fc.record({
  L: fc.integer({ min: 1, max: 4 }),
  S: fc.integer({ min: 1, max: 4 }),
  D: fc.integer({ min: 1, max: 3 }),
  Dv: fc.integer({ min: 1, max: 3 }),
});
const options = fc.record({
  causal: fc.constantFrom<NonNullable<AttentionOptions['causal']>[]>(false, true, 'top-left', 'bottom-right'),
  scale: fc.constantFrom(undefined, 0.7, -0.5, 0),
  mask: fc.constantFrom(undefined, 'truths' as const, 'added' as const),
  dropout: dropouts,
});
const layout = fc.record({
  lead: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
  /** Which of query, key and value have a leading axis of 1 in place of a longer one, or none at all. */
  ones: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
  heads: fc.constantFrom(null, [2, 1], [2, 2], [4, 2]),
  maskLead: fc.nat(2),
});

export const attentionSearch: SearchSamples<Search> = {
  samples: fc
    .tuple(sizes, options, layout)
    .map(([{ L, S, D, Dv }, { scale, mask, causal, dropout }, { lead, ones, heads, maskLead }]): OpSample<Search> => {
      const batch = heads === null ? lead : [...lead, heads[0]];
      // Broadcast: 0 keeps all axes, 1 makes the first 1, others leave it out.
      const some = (how: number): number[] =>
        how === 0 || lead.length === 0 || lead[0] === 0 ? lead : how === 1 ? [1, ...lead.slice(1)] : lead.slice(1);
      const headsOf = (k: number): number[] => (heads === null ? [] : [k === 0 ? heads[0] : heads[1]]);
      const whole = ones.every((how) => how !== 0) ? [0, ones[1], ones[2]] : ones;
      const shape = (k: number, rows: number, columns: number): number[] => [
        ...some(whole[k]),
        ...headsOf(k),
        rows,
        columns,
      ];
      const masked = [...batch.slice(batch.length - Math.min(maskLead, batch.length)), L, S];
      return {
        attrs: {
          batch,
          causal,
          ...(scale === undefined ? {} : { scale }),
          ...(heads === null ? {} : { enableGqa: true }),
          ...(mask === undefined ? {} : { mask }),
          ...(dropout === undefined ? {} : { dropout }),
        },
        inputs: [
          floats(shape(0, L, D)),
          floats(shape(1, S, D)),
          floats(shape(2, S, Dv)),
          ...(mask === undefined ? [] : [mask === 'truths' ? truths(masked) : floats(masked)]),
        ],
      };
    }),
  oracle({ causal = false, scale, enableGqa = false, mask: kind, batch, dropout }, query, keys, value, mask?: NdArray) {
    const [L, D] = query.shape.slice(-2);
    const [S, Dv] = value.shape.slice(-2);
    const shared = (index: readonly number[], x: NdArray): readonly number[] =>
      enableGqa ? [...index.slice(0, -1), Math.floor((index.at(-1)! * x.shape.at(-3)!) / batch.at(-1)!)] : index;
    const score = (index: readonly number[], i: number, j: number): number | null => {
      const last = causal === 'bottom-right' ? i + S - L : i;
      if (causal !== false && j > last) return null;
      const added = mask === undefined ? 0 : at(mask, [...index, i, j]);
      if (kind === 'truths' ? added === 0 : added === -Infinity) return null;
      const factor = scale ?? 1 / Math.sqrt(D);
      const product = total(D, (d) => at(query, [...index, i, d]) * factor * at(keys, [...shared(index, keys), j, d]));
      return product + (kind === 'added' ? added : 0);
    };
    const valueAt = (index: readonly number[], j: number, d: number): number =>
      at(value, [...shared(index, value), j, d]);
    return attention(batch, [L, S, Dv], score, valueAt, dropout ?? undefined);
  },
};

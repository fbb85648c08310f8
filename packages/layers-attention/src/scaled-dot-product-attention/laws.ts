import { dropoutLaws, floats, functionOp, type Laws, opLaws, type OpSample, truths, searchLaws } from '@lemmata/laws';
import { dropped } from '@lemmata/nn';
import type { Tensor } from '@lemmata/tensor';
import { familyLaws } from './family.laws.js';
import { MaskedMix, MaskedScores } from './masked-product.js';
import { at, build, total } from './oracle.laws.js';
import { type AttentionOptions, scaledDotProductAttentionWithWeights } from './scaled-dot-product-attention.js';
import { attentionCall, attentionSearch } from './search.laws.js';

const scores: Laws = opLaws(MaskedScores, {
  samples: [
    { attrs: {}, inputs: [floats([2, 3]), floats([4, 3]), truths([2, 4])] },
    { attrs: {}, inputs: [floats([2, 2, 2]), floats([2, 3, 2]), truths([2, 2, 3])] },
    { attrs: {}, inputs: [floats([0, 2, 2]), floats([0, 3, 2]), truths([0, 2, 3])] },
  ],
  invalid: [
    {
      attrs: {},
      inputs: [floats([1, 2, 3]), floats([1, 4, 2]), truths([1, 2, 4])],
      throws:
        /as long as those of q \(received 2, expected 3\)\.\n {2}shapes: q \[1, 2, 3\], k \[1, 4, 2\], mask \[1, 2, 4\]$/,
    },
    { attrs: {}, inputs: [floats([2, 3]), floats([4, 3]), truths([4])], throws: /mask must have at least 2 axes/ },
    { attrs: {}, inputs: [floats([2, 3]), floats([4, 3]), truths([4, 2])], throws: /an element for each pair/ },
    { attrs: {}, inputs: [floats([2, 3]), floats([4, 3]), floats([2, 4])], throws: /must hold truth values/ },
    { attrs: {}, inputs: [floats([1, 2, 3]), floats([2, 4, 3]), truths([1, 2, 4])], throws: /must be equal/ },
    {
      attrs: {},
      inputs: [floats([2, 3]), { shape: [4, 3], dtype: 'int32' }, truths([2, 4])],
      throws: /both matrices must be float32/,
    },
  ],
  oracle: (_, q, k, mask) =>
    build(mask.shape, (index) => {
      const [batch, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
      if (at(mask, index) === 0) return 0;
      return total(q.shape.at(-1)!, (d) => at(q, [...batch, i, d]) * at(k, [...batch, j, d]));
    }),
});

const mix: Laws = opLaws(MaskedMix, {
  samples: [
    { attrs: {}, inputs: [floats([2, 4]), floats([4, 3]), truths([2, 4])] },
    { attrs: {}, inputs: [floats([2, 2, 3]), floats([2, 3, 2]), truths([2, 2, 3])] },
    { attrs: {}, inputs: [floats([1, 2, 0]), floats([1, 0, 2]), truths([1, 2, 0])] },
  ],
  invalid: [
    {
      attrs: {},
      inputs: [floats([1, 2, 4]), floats([1, 3, 5]), truths([1, 2, 4])],
      throws:
        /a row for each column of p \(received 3, expected 4\)\.\n {2}shapes: p \[1, 2, 4\], v \[1, 3, 5\], mask \[1, 2, 4\]$/,
    },
    { attrs: {}, inputs: [floats([2, 4]), floats([4]), truths([2, 4])], throws: /v must have at least 2 axes/ },
    { attrs: {}, inputs: [floats([2, 4]), floats([4, 3]), truths([2, 3])], throws: /an element for each pair/ },
  ],
  oracle: (_, p, v, mask) =>
    build([...p.shape.slice(0, -1), v.shape.at(-1)!], (index) => {
      const [row, d] = [index.slice(0, -1), index.at(-1)!];
      return total(p.shape.at(-1)!, (j) =>
        at(mask, [...row, j]) === 0 ? 0 : at(p, [...row, j]) * at(v, [...row.slice(0, -1), j, d]),
      );
    }),
});

interface Attrs extends Pick<AttentionOptions, 'causal' | 'scale' | 'enableGqa'> {
  /** What the fourth input is. */
  readonly mask?: 'truths' | 'added';
}

const asOp = functionOp<Attrs>(
  'scaledDotProductAttention',
  ({ mask: _, ...options }, query: Tensor, key: Tensor, value: Tensor, mask?: Tensor) => {
    const { output, weights } = scaledDotProductAttentionWithWeights(query, key, value, { ...options, mask });
    return [output, weights];
  },
);

const sample = (attrs: Attrs, ...inputs: OpSample<Attrs>['inputs']): OpSample<Attrs> => ({ attrs, inputs });
const [q, k, v] = [floats([2, 2, 3]), floats([2, 4, 3]), floats([2, 4, 2])];

const functionLaws: Laws = opLaws(asOp, {
  samples: [
    sample({}, q, k, v),
    sample({ scale: -0.7 }, floats([2, 3]), floats([3, 3]), floats([3, 1])),
    sample({ causal: true }, q, k, v),
    sample({ causal: true }, floats([4, 2]), floats([2, 2]), floats([2, 2])),
    sample({ causal: 'bottom-right' }, q, k, v),
    sample({ causal: 'bottom-right' }, floats([4, 2]), floats([2, 2]), floats([2, 2])),
    sample({ mask: 'truths' }, q, k, v, truths([2, 4])),
    sample({ mask: 'truths' }, q, k, v, truths([2, 1, 4])),
    sample({ mask: 'added' }, q, k, v, floats([2, 4])),
    sample({ causal: true, mask: 'added' }, q, k, v, floats([2, 2, 4])),
    // Two query heads for each key head, and a batch that the keys do not have.
    sample({ enableGqa: true }, floats([2, 4, 2, 2]), floats([2, 3, 2]), floats([2, 3, 2])),
  ],
  invalid: [
    { attrs: {}, inputs: [floats([3]), k, v], throws: /query must have at least 2 axes/ },
    { attrs: {}, inputs: [floats([2, 2, 2]), k, v], throws: /as many features as query/ },
    { attrs: {}, inputs: [q, k, floats([2, 3, 2])], throws: /as long as key/ },
    { attrs: {}, inputs: [q, k, v, floats([3, 3])], throws: /mask must broadcast to the shape of the scores/ },
    { attrs: {}, inputs: [q, k, v, floats([3, 2, 2, 4])], throws: /mask must broadcast/ },
    { attrs: {}, inputs: [q, k, v, { shape: [2, 4], dtype: 'int32' }], throws: /mask must be bool/ },
    { attrs: { enableGqa: true }, inputs: [floats([3, 2, 2]), k, v], throws: /must divide the 3 of query/ },
  ],
  oracle: (attrs, query, ...rest) =>
    attentionSearch.oracle({ ...attrs, batch: query.shape.slice(0, -2) }, query, ...rest),
});

const dropout: Laws = dropoutLaws('attention weights', {
  dropout: (x, p, key) => dropped('attention', x, key, p),
});

/** Of the two masked products, of attention as a function, and of the dropout of its weights. */
export const laws: readonly Laws[] = [
  scores,
  mix,
  functionLaws,
  familyLaws,
  dropout,
  searchLaws('scaledDotProductAttention', attentionCall, attentionSearch),
];

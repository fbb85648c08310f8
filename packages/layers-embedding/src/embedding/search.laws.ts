import { floats, integers, ints, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { embedding, embeddingLayer, type EmbeddingOptions } from './embedding.js';

interface Search {
  readonly layer: boolean;
  readonly options: EmbeddingOptions;
}

export function embeddingCall({ layer, options }: Search, indices: Tensor, weight: Tensor): Tensor {
  if (!layer) return embedding(indices, weight, options);
  const [numEmbeddings, embeddingDim] = weight.shape;
  return throughLayer(embeddingLayer({ numEmbeddings, embeddingDim, ...options }), [weight], indices);
}

export const embeddingSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      shape: fc.array(fc.nat(3), { maxLength: 3 }),
      rows: fc.integer({ min: 1, max: 5 }),
      features: fc.integer({ min: 1, max: 4 }),
      layer: fc.boolean(),
      padding: fc.constantFrom('none', 'from the first', 'from the last', 'default'),
      at: fc.nat(4),
      scaleGradByFreq: fc.constantFrom(undefined, false, true),
    })
    .map(({ shape, rows, features, layer, padding, at, scaleGradByFreq }): OpSample<Search> => {
      const row = at % rows;
      const paddingIdx = { none: null, default: undefined, 'from the first': row, 'from the last': row - rows }[
        padding
      ];
      return {
        attrs: { layer: layer && shape.length > 0, options: { paddingIdx, scaleGradByFreq } },
        inputs: [ints(shape, integers(0, rows - 1)), floats([rows, features])],
      };
    }),
  oracle(_, indices, weight) {
    const features = weight.shape[1];
    const rows = Array.from(indices.data, (row) =>
      Array.from({ length: features }, (_f, i) => weight.data[row * features + i]),
    );
    return { shape: [...indices.shape, features], data: rows.flat() };
  },
  // The padding row is looked up, but does not learn; a mean over the occurrences is no derivative either.
  gradient({ options: { paddingIdx, scaleGradByFreq = false } }, [upstream], indices, weight): NdArray[] {
    const [rows, features] = weight.shape;
    const looked = Array.from(indices.data);
    const data = Array.from(weight.data, (_, i) => {
      const [row, feature] = [Math.floor(i / features), i % features];
      if (row === paddingIdx || row - rows === paddingIdx) return 0;
      const given = looked.flatMap((index, n) => (index === row ? [upstream.data[n * features + feature]] : []));
      const sum = given.reduce((a, b) => a + b, 0);
      return scaleGradByFreq ? sum / Math.max(1, given.length) : sum;
    });
    return [{ shape: weight.shape, data }];
  },
};

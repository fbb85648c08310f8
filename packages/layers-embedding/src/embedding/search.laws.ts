import { floats, integers, ints, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { embedding, embeddingLayer } from './embedding.js';

interface Search {
  readonly layer: boolean;
}

/** The options that change gradients alone have laws of their own. */
export function embeddingCall({ layer }: Search, indices: Tensor, weight: Tensor): Tensor {
  if (!layer) return embedding(indices, weight);
  const [numEmbeddings, embeddingDim] = weight.shape as [number, number];
  return throughLayer(embeddingLayer({ numEmbeddings, embeddingDim }), [weight], indices);
}

export const embeddingSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      shape: fc.array(fc.nat(3), { maxLength: 3 }),
      rows: fc.integer({ min: 1, max: 5 }),
      features: fc.integer({ min: 1, max: 4 }),
      layer: fc.boolean(),
    })
    .map(
      ({ shape, rows, features, layer }): OpSample<Search> => ({
        attrs: { layer: layer && shape.length > 0 },
        inputs: [ints(shape, integers(0, rows - 1)), floats([rows, features])],
      }),
    ),
  oracle(_, indices, weight) {
    const features = weight.shape[1]!;
    const rows = Array.from(indices.data, (row) =>
      Array.from({ length: features }, (_f, i) => weight.data[row * features + i]!),
    );
    return { shape: [...indices.shape, features], data: rows.flat() };
  },
};

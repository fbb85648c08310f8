import { embedding as lookUp, embeddingLayer, type EmbeddingOptions } from '@lemmata/layers-embedding';
import { type Adapters, unsupported } from '../adapter.js';
import { type Args, given } from '../args.js';
import { applyLayer } from './layer.js';

const options = (args: Args): EmbeddingOptions =>
  given({ paddingIdx: args.number('padding_idx'), scaleGradByFreq: args.flag('scale_grad_by_freq') });

export const embedding: Adapters = {
  embedding: ({ args }) => lookUp(args.tensor('input'), args.tensor('weight'), options(args)),
  'nn.Embedding': (call) => {
    const { init } = call;
    if (init.number('max_norm') !== undefined) unsupported('embeddings whose norm is kept below a bound');
    // How PyTorch stores the gradient, and the norm of that bound.
    init.ignore('sparse', 'norm_type');
    const layer = embeddingLayer({
      ...options(init),
      numEmbeddings: init.number('num_embeddings')!,
      embeddingDim: init.number('embedding_dim')!,
    });
    return applyLayer(call, layer);
  },
};

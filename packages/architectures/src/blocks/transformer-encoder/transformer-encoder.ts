import { geluLayer, reluLayer } from '@lemmata/layers-activation';
import { multiHeadAttentionLayer } from '@lemmata/layers-attention';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { layerNormLayer } from '@lemmata/layers-norm';
import { compose, type Layer, normal, sequential, xavierUniform } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { add } from '@lemmata/tensor';
import { count, flag, oneOf, positive, settle, share } from '../../settle.js';

const ACTIVATIONS = { gelu: geluLayer, relu: reluLayer };

export interface TransformerEncoderOptions {
  /** Features E of a token. */
  readonly embedDim: number;
  /** Divides embedDim. */
  readonly numHeads: number;
  /** Hidden units of the two linear layers. Default 4 · embedDim. */
  readonly mlpDim?: number;
  /** Default gelu. */
  readonly activation?: keyof typeof ACTIVATIONS;
  /** Share of what attention and both linear layers give that is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Share of the attention weights that is dropped in training. Default 0. */
  readonly attentionDropout?: number;
  /** Layer norm in front of attention and linear layers, with nothing after the sums; false: after each sum. Default true. */
  readonly normFirst?: boolean;
  /** No token attends to one behind it. Default false. */
  readonly causal?: boolean;
  /** Of the layer norms. Default 1e-6. */
  readonly eps?: number;
}

/**
 * An encoder block of a Transformer: self-attention, then two linear layers token by token, each beside a shortcut:
 * [L, E] → [L, E]. h = x + attention(LN(x)), y = h + W₂ φ(W₁ LN(h) + b₁) + b₂; with `normFirst: false`
 * h = LN(x + attention(x)), y = LN(h + …). Names as torchvision's EncoderBlock: `ln_1`, `self_attention`, `ln_2`, `mlp.0`, `mlp.3`.
 *
 * @throws OptionError for unknown options and values that are none of theirs; ShapeError from `init` for inputs other than
 * [L, embedDim].
 *
 * Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; norm first: Dosovitskiy et al. 2020,
 * https://arxiv.org/abs/2010.11929
 */
export function transformerEncoderBlock(options: TransformerEncoderOptions): Layer {
  const op = 'transformerEncoderBlock';
  const { embedDim, numHeads, mlpDim, activation, dropout, attentionDropout, normFirst, causal, eps } = settle(
    op,
    options,
    {
      embedDim: count(),
      numHeads: count(),
      mlpDim: count(4 * options.embedDim || 1),
      activation: oneOf(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[], 'gelu'),
      dropout: share(0),
      attentionDropout: share(0),
      normFirst: flag(true),
      causal: flag(false),
      eps: positive(1e-6),
    },
  );
  if (embedDim % numHeads !== 0)
    throw new OptionError(op, [`numHeads ${numHeads} must divide embedDim, received ${embedDim}`]);
  // As torchvision draws them.
  const linear = (outFeatures: number) =>
    linearLayer({ outFeatures, init: xavierUniform(), biasInit: normal({ std: 1e-6 }) });
  const layers = {
    ln_1: layerNormLayer({ normalizedShape: embedDim, eps }),
    self_attention: multiHeadAttentionLayer({ embedDim, numHeads, dropout: attentionDropout, causal }),
    dropout: dropoutLayer({ p: dropout }),
    ln_2: layerNormLayer({ normalizedShape: embedDim, eps }),
    mlp: sequential([
      linear(mlpDim),
      ACTIVATIONS[activation](),
      dropoutLayer({ p: dropout }),
      linear(embedDim),
      dropoutLayer({ p: dropout }),
    ]),
  };
  return compose(
    op,
    layers,
    normFirst
      ? (call, x) => {
          const h = add(x, call('dropout', call('self_attention', call('ln_1', x))));
          return add(h, call('mlp', call('ln_2', h)));
        }
      : (call, x) => {
          const h = call('ln_1', add(x, call('dropout', call('self_attention', x))));
          return call('ln_2', add(h, call('mlp', h)));
        },
    { path: Object.keys(layers) as (keyof typeof layers)[] },
  );
}

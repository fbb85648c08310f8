import { geluLayer, reluLayer } from '@lemmata/layers-activation';
import { multiHeadAttention, multiHeadAttentionLayer, type MultiHeadAttentionOptions } from '@lemmata/layers-attention';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { layerNormLayer } from '@lemmata/layers-norm';
import { compose, type Context, contextOf, inLayer, type Layer, normal, sequential, xavierUniform } from '@lemmata/nn';
import { OptionError, unknownOptions } from '@lemmata/shape';
import { add, type Tensor } from '@lemmata/tensor';
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
  /** Of attention, linear layers and layer norms alike. Default true. */
  readonly bias?: boolean;
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
  const { layers, forward } = made(op, options);
  return compose(op, layers, forward, { path: Object.keys(layers) as (keyof typeof layers)[] });
}

export interface TransformerEncoderMasks
  extends Pick<MultiHeadAttentionOptions, 'mask' | 'keyPaddingMask' | 'batchFirst'> {}

/**
 * {@link transformerEncoderBlock} as a function of a batch that needs masks, which no layer is handed: sequences of several
 * lengths in one batch, say. With the same parameters and context, and without masks, it gives what the layer gives, bit for bit.
 *
 * @param x [N, L, E], or one sequence [L, E]
 * @param params as the layer's `init` draws them
 * @param masks as of `multiHeadAttention`: `mask` true = attend, `keyPaddingMask` true = padding
 * @example transformerEncoder(x, params, { embedDim: 8, numHeads: 2 }, { keyPaddingMask }, { train: true, key })
 * @throws ShapeError naming every rule that is broken; OptionError for options.
 */
export function transformerEncoder(
  x: Tensor,
  params: Readonly<Record<string, any>>,
  options: TransformerEncoderOptions,
  masks: TransformerEncoderMasks = {},
  context: Context = { train: false },
): Tensor {
  const { layers, forward } = made('transformerEncoder', options);
  unknownOptions('transformerEncoder, masks', masks, ['mask', 'keyPaddingMask', 'batchFirst']);
  const { numHeads, causal, attentionDropout: p = 0 } = options;
  const attend = (v: Tensor, { train, key }: Context): Tensor => {
    const dropout = train && p > 0 ? { p, key: key! } : null;
    return multiHeadAttention(v, v, v, params['self_attention'], { ...masks, numHeads, causal, dropout });
  };
  const names = Object.keys(layers);
  return forward((name, v) => {
    const own = contextOf(context, names.indexOf(name));
    return inLayer(name, () =>
      name === 'self_attention' ? attend(v, own) : (layers[name] as Layer).apply(params[name], {}, v, own)[0],
    );
  }, x);
}

interface Made {
  readonly layers: Readonly<Record<Part, Layer>>;
  /** The layers connected. */
  readonly forward: (call: (name: Part, x: Tensor) => Tensor, x: Tensor) => Tensor;
}

type Part = 'ln_1' | 'self_attention' | 'dropout' | 'ln_2' | 'mlp';

function made(op: string, options: TransformerEncoderOptions): Made {
  const { embedDim, numHeads, mlpDim, activation, dropout, attentionDropout, normFirst, causal, eps, bias } = settle(
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
      bias: flag(true),
    },
  );
  if (embedDim % numHeads !== 0)
    throw new OptionError(op, [`numHeads ${numHeads} must divide embedDim, received ${embedDim}`]);
  // As torchvision draws them.
  const linear = (outFeatures: number) =>
    linearLayer({ outFeatures, bias, init: xavierUniform(), biasInit: normal({ std: 1e-6 }) });
  const layers = {
    ln_1: layerNormLayer({ normalizedShape: embedDim, eps, bias }),
    self_attention: multiHeadAttentionLayer({ embedDim, numHeads, bias, dropout: attentionDropout, causal }),
    dropout: dropoutLayer({ p: dropout }),
    ln_2: layerNormLayer({ normalizedShape: embedDim, eps, bias }),
    mlp: sequential([
      linear(mlpDim),
      ACTIVATIONS[activation](),
      dropoutLayer({ p: dropout }),
      linear(embedDim),
      dropoutLayer({ p: dropout }),
    ]),
  };
  const forward: Made['forward'] = normFirst
    ? (call, x) => {
        const h = add(x, call('dropout', call('self_attention', call('ln_1', x))));
        return add(h, call('mlp', call('ln_2', h)));
      }
    : (call, x) => {
        const h = call('ln_1', add(x, call('dropout', call('self_attention', x))));
        return call('ln_2', add(h, call('mlp', h)));
      };
  return { layers, forward };
}

import { checkProbability, type Empty, type Layer } from '@lemmata/nn';
import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import { checkHeads, multiHeadAttention } from './multi-head-attention.js';
import { initMultiHeadAttention, type MultiHeadAttentionParams } from './params.js';

export interface MultiHeadAttentionLayerOptions {
  /** Into how many heads the features are split; divides them. */
  readonly numHeads: number;
  /** Features. Default: those of the shape that `init` is given; a number is checked against it. */
  readonly embedDim?: number | undefined;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** The probability with which a weight is dropped in training. Default 0. */
  readonly dropout?: number | undefined;
  /** No position attends to one behind it. Default false. */
  readonly causal?: boolean | undefined;
  /** Learn one more key and value, which every position may attend to. Default false. */
  readonly addBiasKv?: boolean | undefined;
  /** One more key and value of zeros. Default false. */
  readonly addZeroAttn?: boolean | undefined;
}

/**
 * Self-attention of several heads: {@link multiHeadAttention} of x with itself, [N, L, E] → [N, L, E].
 *
 * @example multiHeadAttentionLayer({ numHeads: 4, causal: true })
 * @throws OptionError for options; ShapeError from `init` for inputs other than [L, E].
 */
export function multiHeadAttentionLayer(
  options: MultiHeadAttentionLayerOptions,
): Layer<MultiHeadAttentionParams, Empty> {
  const kind = 'multiHeadAttention';
  unknownOptions('multiHeadAttentionLayer', options, [
    'numHeads',
    'embedDim',
    'bias',
    'dropout',
    'causal',
    'addBiasKv',
    'addZeroAttn',
  ]);
  const { numHeads, embedDim, bias = true, dropout: p = 0, causal = false } = options;
  const { addBiasKv = false, addZeroAttn = false } = options;
  checkProbability('multiHeadAttentionLayer', 'dropout', p);
  if (embedDim !== undefined && !(Number.isSafeInteger(embedDim) && embedDim >= 1))
    throw new OptionError('multiHeadAttentionLayer', [
      `embedDim must be a positive integer, received ${formatValue(embedDim)}`,
    ]);
  checkHeads('multiHeadAttentionLayer', numHeads, embedDim ?? numHeads);
  for (const [name, value] of Object.entries({ bias, causal, addBiasKv, addZeroAttn })) {
    if (typeof value !== 'boolean')
      throw new OptionError('multiHeadAttentionLayer', [
        `${name} must be true or false, received ${formatValue(value)}`,
      ]);
  }
  return {
    kind,
    init(key, inputShape) {
      const features = inputShape[1];
      if (inputShape.length !== 2 || features === undefined || (embedDim !== undefined && features !== embedDim)) {
        throw new ShapeError(kind, [
          {
            rule: 'the input must be [length, features]',
            received: [...inputShape],
            ...(embedDim === undefined ? {} : { expected: `${embedDim} features` }),
          },
        ]);
      }
      checkHeads(kind, numHeads, features);
      const params = initMultiHeadAttention(key, { embedDim: features, bias, addBiasKv });
      return { params, state: {}, outputShape: inputShape };
    },
    apply(params, state, x, { train, key }) {
      // Without a key it is attention that complains, once it needs one.
      const dropout = train && p > 0 ? { p, key: key! } : null;
      return [multiHeadAttention(x, x, x, params, { numHeads, causal, addZeroAttn, dropout }), state];
    },
    window: () => null,
  };
}

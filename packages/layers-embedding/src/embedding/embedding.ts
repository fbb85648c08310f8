import { type Empty, type Initialiser, initialiserReasons, type Layer, normal } from '@lemmata/nn';
import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { apply, concat, isTensor, narrow, type NestedArray, type Tensor, tensor, zeros } from '@lemmata/tensor';
import { Embedding } from './op.js';

export interface EmbeddingOptions {
  /** A row that receives no gradient; a negative one counts from the last. Default: none. */
  readonly paddingIdx?: number | null | undefined;
  /** Divide the gradient of a row by the number of times that it is looked up in this call. Default false. */
  readonly scaleGradByFreq?: boolean | undefined;
}

/**
 * The row of `weight` for each index.
 *
 * @param indices int32 of any shape [...], or (nested) arrays of integers
 * @param weight [V, D]
 * @returns [..., D]. A row that is looked up several times receives the sum of the gradients.
 * @example embedding([[0, 2], [1, 1]], weight) // [2, 2, D]
 * @throws ValueError for an index outside of 0 … V − 1; ShapeError for other shapes; OptionError for options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 */
export function embedding(
  indices: Tensor | NestedArray | readonly number[],
  weight: Tensor,
  options: EmbeddingOptions = {},
): Tensor {
  unknownOptions('embedding', options, ['paddingIdx', 'scaleGradByFreq']);
  const { paddingIdx = null, scaleGradByFreq = false } = options;
  const rows = weight.rank === 2 ? weight.shape[0] : Infinity;
  const attrs = {
    paddingIdx: row('embedding', paddingIdx, rows),
    scaleGradByFreq: checkScale('embedding', scaleGradByFreq),
  };
  const index = isTensor(indices) ? indices : tensor(indices as NestedArray, { dtype: 'int32' });
  return apply(Embedding, attrs, [index, weight])[0];
}

export interface EmbeddingLayerOptions extends EmbeddingOptions {
  /** Rows: how many different indices there are. */
  readonly numEmbeddings: number;
  /** Features of a row. */
  readonly embeddingDim: number;
  /** Draws the weight. Default: normal with deviation 1. The row of `paddingIdx` is 0 in any case. */
  readonly init?: Initialiser | undefined;
}

export interface EmbeddingParams {
  /** [numEmbeddings, embeddingDim] */
  readonly weight: Tensor;
}

/**
 * {@link embedding} as a layer: int32 [N, ...] → [N, ..., embeddingDim].
 *
 * @example embeddingLayer({ numEmbeddings: 1000, embeddingDim: 64, paddingIdx: 0 })
 * @throws OptionError for sizes that are not positive integers, a padding row that there is not, and unknown options.
 */
export function embeddingLayer(options: EmbeddingLayerOptions): Layer<EmbeddingParams, Empty> {
  const op = 'embeddingLayer';
  unknownOptions(op, options, ['numEmbeddings', 'embeddingDim', 'paddingIdx', 'scaleGradByFreq', 'init']);
  const { numEmbeddings: V, embeddingDim: D, scaleGradByFreq = false, init = normal() } = options;
  const reasons = Object.entries({ numEmbeddings: V, embeddingDim: D })
    .filter(([, n]) => !Number.isSafeInteger(n) || n < 1)
    .map(([name, n]) => `${name} must be a positive integer, received ${formatValue(n)}`);
  reasons.push(...initialiserReasons({ init }));
  if (reasons.length > 0) throw new OptionError(op, reasons);
  const paddingIdx = row(op, options.paddingIdx ?? null, V);
  checkScale(op, scaleGradByFreq);
  return {
    kind: 'embedding',
    inputDtype: 'int32',
    init(key, inputShape) {
      const drawn = init(key, [V, D]);
      const weight =
        paddingIdx === null
          ? drawn
          : concat([
              narrow(drawn, 0, 0, paddingIdx),
              zeros([1, D], drawn.dtype),
              narrow(drawn, 0, paddingIdx + 1, V - paddingIdx - 1),
            ]);
      return { params: { weight }, state: {}, outputShape: [...inputShape, D] };
    },
    apply: ({ weight }, state, x) => [embedding(x, weight, { paddingIdx, scaleGradByFreq }), state],
  };
}

/** A row, counted from the first. */
function row(op: string, paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  if (Number.isSafeInteger(paddingIdx) && paddingIdx >= -rows && paddingIdx < rows)
    return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  throw new OptionError(op, [`paddingIdx must name one of the ${rows} rows, received ${formatValue(paddingIdx)}`]);
}

function checkScale(op: string, scaleGradByFreq: boolean): boolean {
  if (typeof scaleGradByFreq === 'boolean') return scaleGradByFreq;
  throw new OptionError(op, [`scaleGradByFreq must be true or false, received ${formatValue(scaleGradByFreq)}`]);
}

import { kaimingUniform, uniform, type Initialiser, type Layer } from '@lemmata/nn';
import { OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import { add, foldIn, matmul, permute, type Tensor } from '@lemmata/tensor';

/**
 * y = x Wᵀ + b along the last axis.
 *
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out]
 * @returns [..., out]
 * @throws ShapeError if the sizes do not meet.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const features = x.shape[x.rank - 1];
  if (weight.rank !== 2 || weight.shape[1] !== features || (bias && (bias.rank !== 1 || bias.shape[0] !== weight.shape[0]))) {
    throw new ShapeError(
      'linear',
      [{ rule: 'x is [..., in], weight [out, in] and bias [out]', received: features, expected: weight.shape[1], hint: 'Flatten images first' }],
      { x: x.shape, weight: weight.shape, ...(bias ? { bias: bias.shape } : {}) },
    );
  }
  const y = matmul(x, permute(weight, [1, 0]));
  return bias ? add(y, bias) : y;
}

export interface LinearOptions {
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default: uniform within ±1/√in, as PyTorch. */
  readonly init?: Initialiser;
}

export type LinearParams = { readonly weight: Tensor; readonly bias?: Tensor };

/** A fully connected layer on the last axis; the number of inputs is that of the input's shape. */
export function linearLayer(options: LinearOptions): Layer<LinearParams, {}> {
  unknownOptions('linearLayer', options, ['outFeatures', 'bias', 'init']);
  const { outFeatures, bias = true, init = kaimingUniform({ a: Math.sqrt(5) }) } = options;
  if (!Number.isInteger(outFeatures) || outFeatures < 1) {
    throw new OptionError('linearLayer', [`outFeatures must be a positive whole number, received ${outFeatures}`]);
  }
  return {
    kind: 'linear',
    init(key, inputShape) {
      const inFeatures = inputShape[inputShape.length - 1];
      if (inFeatures === undefined || inFeatures === 0) {
        throw new ShapeError('linear', [{ rule: 'the input has a last axis of features', received: [...inputShape], hint: 'Flatten images first' }]);
      }
      const weight = init(foldIn(key, 0), [outFeatures, inFeatures]);
      const bound = 1 / Math.sqrt(inFeatures);
      return {
        params: bias ? { weight, bias: uniform({ low: -bound, high: bound })(foldIn(key, 1), [outFeatures]) } : { weight },
        state: {},
        outputShape: [...inputShape.slice(0, -1), outFeatures],
      };
    },
    apply: (params, state, x) => [linear(x, params.weight, params.bias), state],
  };
}

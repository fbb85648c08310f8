import { type Initialiser, initialiserReasons, kaimingUniform, type Layer, uniform } from '@lemmata/nn';
import { formatValue, OptionError, ShapeError, type ShapeReason, unknownOptions } from '@lemmata/shape';
import { add, cast, foldIn, matmul, mul, permute, type Tensor, unsqueeze } from '@lemmata/tensor';

/**
 * y = x Wᵀ + b along the last axis.
 *
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out]
 * @returns [..., out]
 * @throws ShapeError if the sizes do not meet.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const reasons: ShapeReason[] = [];
  if (x.rank === 0) reasons.push({ rule: 'x is [..., in]', received: x.shape });
  if (weight.rank !== 2) reasons.push({ rule: 'weight is [out, in]', received: weight.shape });
  else {
    const [outputs, inputs] = weight.shape;
    const features = x.shape[x.rank - 1];
    if (x.rank > 0 && features !== inputs) {
      const hint =
        x.rank > 2
          ? 'Flatten images first'
          : 'Make the weight for this many inputs; in a network, give inputs of the size that init was told, with a batch axis in front';
      reasons.push({
        rule: `weight reads ${inputs} features`,
        axis: x.rank - 1,
        received: features,
        expected: inputs,
        hint,
      });
    }
    if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
      reasons.push({
        rule: `bias has one element for each of the ${outputs} outputs`,
        received: bias.shape,
        expected: [outputs],
      });
    }
  }
  if (reasons.length > 0) {
    throw new ShapeError('linear', reasons, {
      x: x.shape,
      weight: weight.shape,
      ...(bias ? { bias: bias.shape } : {}),
    });
  }
  const y = matmul(x, permute(weight, [1, 0]));
  return bias ? add(y, bias) : y;
}

export interface LinearOptions {
  /** Features of the output. */
  readonly outFeatures: number;
  /** Features of the input. Default: those of the shape that `init` is given; a number is checked against it. */
  readonly inFeatures?: number | undefined;
  /** Add a number to each output. Default true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight. Default: uniform within ±1 / √in. */
  readonly init?: Initialiser | undefined;
  /** Draws the bias. Default: uniform within ±1 / √in. */
  readonly biasInit?: Initialiser | undefined;
}

export interface LinearParams {
  /** [out, in] */
  readonly weight: Tensor;
  /** [out]; absent with `bias: false`. */
  readonly bias?: Tensor;
}

/** What PyTorch draws from: Kaiming's uniform distribution for a leaky ReLU of slope √5, which is ±1 / √in. */
const defaultInit = kaimingUniform({ a: Math.sqrt(5) });

/**
 * {@link linear} as a layer, on the last axis. Parameters: `weight` [out, in] and `bias` [out].
 *
 * @throws OptionError for unknown options and sizes that are not positive integers; ShapeError for an input of another
 * number of features.
 */
export function linearLayer(options: LinearOptions): Layer<LinearParams, {}> {
  const { outFeatures, inFeatures, bias = true, init = defaultInit, biasInit } = checked(options);
  return {
    kind: 'linear',
    init(key, inputShape) {
      const inputs = inputShape[inputShape.length - 1];
      if (inputs === undefined || inputs === 0 || (inFeatures !== undefined && inputs !== inFeatures)) {
        const hint = inputShape.length > 1 ? 'Flatten images first' : undefined;
        const rule =
          inFeatures === undefined
            ? 'the last axis of the input holds at least one feature'
            : `the last axis of the input holds inFeatures ${inFeatures}`;
        throw new ShapeError('linear', [{ rule, received: inputShape, ...(hint === undefined ? {} : { hint }) }]);
      }
      const weight = init(foldIn(key, 0), [outFeatures, inputs]);
      const bound = 1 / Math.sqrt(inputs);
      const drawBias = biasInit ?? uniform({ low: -bound, high: bound });
      return {
        params: bias ? { weight, bias: drawBias(foldIn(key, 1), [outFeatures]) } : { weight },
        state: {},
        outputShape: [...inputShape.slice(0, -1), outFeatures],
      };
    },
    apply: (params, state, x) => [linear(x, params.weight, params.bias), state],
    window: () => null,
    absorb({ weight, bias: shift }, map, outputShape) {
      // Of [N, L, out] the channels of a map are the places.
      if (outputShape.length !== 1) return null;
      const [scale, offset] = [cast(map.scale, 'float64'), cast(map.shift, 'float64')];
      const moved = shift === undefined ? offset : add(mul(cast(shift, 'float64'), scale), offset);
      return {
        layer: linearLayer({ ...options, bias: true }),
        params: {
          weight: cast(mul(cast(weight, 'float64'), unsqueeze(scale, 1)), weight.dtype),
          bias: cast(moved, weight.dtype),
        },
      };
    },
  };
}

function checked(options: LinearOptions): LinearOptions {
  unknownOptions('linearLayer', options, ['outFeatures', 'inFeatures', 'bias', 'init', 'biasInit']);
  const { outFeatures, inFeatures = 1, bias = true } = options;
  const wrong = Object.entries({ outFeatures, inFeatures })
    .filter(([, size]) => !Number.isSafeInteger(size) || size < 1)
    .map(([name, size]) => `${name} must be a positive integer, received ${formatValue(size)}`);
  if (typeof bias !== 'boolean') wrong.push(`bias must be true or false, received ${formatValue(bias)}`);
  wrong.push(...initialiserReasons({ init: options.init, biasInit: options.biasInit }));
  if (wrong.length > 0) throw new OptionError('linearLayer', wrong);
  return options;
}

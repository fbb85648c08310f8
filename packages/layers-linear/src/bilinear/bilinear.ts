import { type Initialiser, initialiserReasons, type Layer, uniform } from '@lemmata/nn';
import { formatValue, OptionError, Problems, sameShape, ShapeError, sizeOf, unknownOptions } from '@lemmata/shape';
import { add, foldIn, matmul, permute, reshape, split, type Tensor } from '@lemmata/tensor';

/**
 * yₒ = Σᵢⱼ x1ᵢ · Wₒᵢⱼ · x2ⱼ + bₒ along the last axes: linear in either input, while the other stays.
 *
 * @param x1 [..., in1]
 * @param x2 [..., in2], with the same leading axes
 * @param weight [out, in1, in2]
 * @param bias [out]
 * @returns [..., out]
 * @throws ShapeError naming every rule that is broken.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  checkShapes(x1, x2, weight, bias);
  const [out, in1, in2] = weight.shape;
  const leading = x1.shape.slice(0, -1);
  const rows = sizeOf(leading);
  // First over x1, one product for all rows; then over x2, row by row.
  const kernel = reshape(permute(weight, [1, 0, 2]), [in1, out * in2]);
  const half = reshape(matmul(reshape(x1, [rows, in1]), kernel), [rows, out, in2]);
  const y = reshape(matmul(half, reshape(x2, [rows, in2, 1])), [...leading, out]);
  return bias ? add(y, bias) : y;
}

function checkShapes(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null | undefined): void {
  const problems = new Problems('bilinear');
  for (const [name, x] of Object.entries({ x1, x2 }))
    if (x.rank === 0) problems.add({ rule: `${name} is [..., features]`, received: x.shape });
  if (!sameShape(x1.shape.slice(0, -1), x2.shape.slice(0, -1)))
    problems.add({
      rule: 'both inputs have the same axes before the last',
      received: x2.shape.slice(0, -1),
      expected: x1.shape.slice(0, -1),
    });
  if (weight.rank !== 3) problems.add({ rule: 'weight is [out, in1, in2]', received: weight.shape });
  else {
    const [out, ...features] = weight.shape;
    [x1, x2].forEach((x, i) => {
      const own = x.shape[x.rank - 1];
      if (x.rank > 0 && own !== features[i])
        problems.add({
          rule: `weight reads ${features[i]} features of x${i + 1}`,
          axis: x.rank - 1,
          received: own,
          expected: features[i],
        });
    });
    if (bias && (bias.rank !== 1 || bias.shape[0] !== out))
      problems.add({
        rule: `bias has one element for each of the ${out} outputs`,
        received: bias.shape,
        expected: [out],
      });
  }
  problems.throwIfAny({ x1: x1.shape, x2: x2.shape, weight: weight.shape, ...(bias ? { bias: bias.shape } : {}) });
}

export interface BilinearOptions {
  /** Features of the output. */
  readonly outFeatures: number;
  /** Features of the first input: of the input of the layer, which holds both, those that come first. */
  readonly in1Features: number;
  /** Features of the second. Default: the rest of the input of the layer; a number is checked against it. */
  readonly in2Features?: number | undefined;
  /** Add a number to each output. Default true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight. Default: uniform within ±1 / √in1. */
  readonly init?: Initialiser | undefined;
  /** Draws the bias. Default: uniform within ±1 / √in1. */
  readonly biasInit?: Initialiser | undefined;
}

export interface BilinearParams {
  /** [out, in1, in2] */
  readonly weight: Tensor;
  /** [out]; absent with `bias: false`. */
  readonly bias?: Tensor;
}

/** Parameters for {@link bilinear}, drawn as PyTorch draws them. */
export function initBilinear(key: Tensor, options: BilinearOptions & { readonly in2Features: number }): BilinearParams {
  const { outFeatures, in1Features, in2Features, bias = true, init, biasInit } = checked('initBilinear', options);
  const bound = 1 / Math.sqrt(in1Features);
  const standard = uniform({ low: -bound, high: bound });
  const weight = (init ?? standard)(foldIn(key, 0), [outFeatures, in1Features, in2Features!]);
  return bias ? { weight, bias: (biasInit ?? standard)(foldIn(key, 1), [outFeatures]) } : { weight };
}

/**
 * {@link bilinear} as a layer, on inputs [..., in1 + in2] that hold both one behind the other, as `parallel` joins its branches
 * along the last axis. Parameters: `weight` [out, in1, in2] and `bias` [out].
 *
 * @throws OptionError for unknown options and sizes that are not positive integers; ShapeError for an input of another
 * number of features.
 */
export function bilinearLayer(options: BilinearOptions): Layer<BilinearParams, {}> {
  const { outFeatures, in1Features, in2Features } = checked('bilinearLayer', options);
  return {
    kind: 'bilinear',
    init(key, inputShape) {
      const rest = (inputShape[inputShape.length - 1] ?? 0) - in1Features;
      if (rest < 1 || (in2Features !== undefined && rest !== in2Features)) {
        const more = in2Features === undefined ? 'more than' : `${in2Features} more than`;
        throw new ShapeError('bilinear', [
          {
            rule: `the last axis of the input holds ${more} the in1Features ${in1Features}, for it holds both inputs`,
            received: inputShape,
          },
        ]);
      }
      return {
        params: initBilinear(key, { ...options, in2Features: rest }),
        state: {},
        outputShape: [...inputShape.slice(0, -1), outFeatures],
      };
    },
    apply({ weight, bias }, state, x) {
      const [x1, x2] = split(x, [in1Features, weight.shape[2]], -1);
      return [bilinear(x1, x2, weight, bias), state];
    },
    window: () => null,
  };
}

function checked(op: string, options: BilinearOptions): BilinearOptions {
  unknownOptions(op, options, ['outFeatures', 'in1Features', 'in2Features', 'bias', 'init', 'biasInit']);
  const { outFeatures, in1Features, in2Features, bias = true } = options;
  const reasons = Object.entries({ outFeatures, in1Features, in2Features: in2Features === undefined ? 1 : in2Features })
    .filter(([, size]) => !Number.isSafeInteger(size) || size < 1)
    .map(([name, size]) => `${name} must be a positive integer, received ${formatValue(size)}`);
  if (typeof bias !== 'boolean') reasons.push(`bias must be true or false, received ${formatValue(bias)}`);
  reasons.push(...initialiserReasons({ init: options.init, biasInit: options.biasInit }));
  if (reasons.length > 0) throw new OptionError(op, reasons);
  return options;
}

import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { formatValue, OptionError, Problems, type Shape, unknownOptions } from '@lemmata/shape';
import { asTensor, permute, reshape, type Tensor } from '@lemmata/tensor';

/**
 * Channels become places: y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w].
 *
 * @param x [..., C · r², H, W]
 * @param upscaleFactor r
 * @returns [..., C, H · r, W · r]
 * @throws ShapeError unless r² divides the channels; OptionError unless r is a positive integer.
 *
 * Source: Shi et al. 2016, https://arxiv.org/abs/1609.05158;
 * https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const input = asTensor(x, 'pixelShuffle');
  const shape = shuffledShape(input.shape, upscaleFactor);
  const [C, H, W] = input.shape.slice(-3);
  const [batch, r] = [input.shape.slice(0, -3), upscaleFactor];
  const b = batch.length;
  const apart = reshape(input, [...batch, C / r ** 2, r, r, H, W]);
  return reshape(permute(apart, [...batch.keys(), b, b + 3, b + 1, b + 4, b + 2]), shape);
}

/**
 * Places become channels: the inverse of {@link pixelShuffle}.
 *
 * @param x [..., C, H · r, W · r]
 * @param downscaleFactor r
 * @returns [..., C · r², H, W]
 * @throws ShapeError unless r divides height and width; OptionError unless r is a positive integer.
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const input = asTensor(x, 'pixelUnshuffle');
  const shape = unshuffledShape(input.shape, downscaleFactor);
  const [C, H, W] = input.shape.slice(-3);
  const [batch, r] = [input.shape.slice(0, -3), downscaleFactor];
  const b = batch.length;
  const apart = reshape(input, [...batch, C, H / r, r, W / r, r]);
  return reshape(permute(apart, [...batch.keys(), b, b + 2, b + 4, b + 1, b + 3]), shape);
}

/** {@link pixelShuffle} as a layer. */
export function pixelShuffleLayer(options: { readonly upscaleFactor: number }): Layer<Empty, Empty> {
  unknownOptions('pixelShuffleLayer', options, ['upscaleFactor']);
  const { upscaleFactor: r } = options;
  checkFactor('pixelShuffle', 'upscaleFactor', r);
  return blind(
    functionLayer(
      'pixelShuffle',
      (x) => pixelShuffle(x, r),
      (shape) => shuffledShape(shape, r),
    ),
  );
}

/** {@link pixelUnshuffle} as a layer. */
export function pixelUnshuffleLayer(options: { readonly downscaleFactor: number }): Layer<Empty, Empty> {
  unknownOptions('pixelUnshuffleLayer', options, ['downscaleFactor']);
  const { downscaleFactor: r } = options;
  checkFactor('pixelUnshuffle', 'downscaleFactor', r);
  return blind(
    functionLayer(
      'pixelUnshuffle',
      (x) => pixelUnshuffle(x, r),
      (shape) => unshuffledShape(shape, r),
    ),
  );
}

/** An element may stand elsewhere than in the input, by no window with a whole step. */
function blind(layer: Layer<Empty, Empty>): Layer<Empty, Empty> {
  return { ...layer, window: () => null };
}

function shuffledShape(shape: Shape, r: number): Shape {
  checkFactor('pixelShuffle', 'upscaleFactor', r);
  const [C, H, W] = image('pixelShuffle', shape);
  if (C % r ** 2 !== 0) {
    const problems = new Problems('pixelShuffle');
    problems.add({ rule: `upscaleFactor² = ${r ** 2} must divide the channels`, axis: shape.length - 3, received: C });
    problems.throwIfAny({ x: shape });
  }
  return [...shape.slice(0, -3), C / r ** 2, H * r, W * r];
}

function unshuffledShape(shape: Shape, r: number): Shape {
  checkFactor('pixelUnshuffle', 'downscaleFactor', r);
  const [C, H, W] = image('pixelUnshuffle', shape);
  const problems = new Problems('pixelUnshuffle');
  [H, W].forEach((n, i) => {
    if (n % r !== 0)
      problems.add({
        rule: `downscaleFactor ${r} must divide height and width`,
        axis: shape.length - 2 + i,
        received: n,
      });
  });
  problems.throwIfAny({ x: shape });
  return [...shape.slice(0, -3), C * r ** 2, H / r, W / r];
}

function image(op: string, shape: Shape): readonly number[] {
  const problems = new Problems(op);
  if (shape.length < 3) problems.add({ rule: 'x must be [..., C, H, W]', received: [...shape] });
  problems.throwIfAny();
  return shape.slice(-3);
}

function checkFactor(op: string, name: string, r: number): void {
  if (Number.isSafeInteger(r) && r >= 1) return;
  throw new OptionError(op, [`${name} must be a positive integer, received ${formatValue(r)}`]);
}

import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer, convTranspose2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { functionLayer, type Empty, kaimingNormal, type Layer, sequential, zeros } from '@lemmata/nn';
import { sameShape, type Shape, ShapeError } from '@lemmata/shape';
import { reshape } from '@lemmata/tensor';

export interface ImageCoderOptions {
  /** [C, H, W] */
  readonly imageShape: Shape;
  /** Channels of each convolution, each of which halves the size. */
  readonly channels: readonly number[];
}

/** Shape of each map from the image to the smallest: sizes halve, rounded up. */
function mapShapes({ imageShape, channels }: ImageCoderOptions): Shape[] {
  const half = (n: number): number => Math.ceil(n / 2);
  const shapes = [imageShape];
  for (const n of channels) {
    const [, ...sizes] = shapes.at(-1)!;
    shapes.push([n, ...sizes.map(half)]);
  }
  return shapes;
}

/** Images to `outFeatures` numbers: 3×3 convolutions of stride 2 with ReLU, and a linear layer. */
export function imageEncoder(op: string, outFeatures: number, options: ImageCoderOptions): Layer {
  const convolutions = options.channels.flatMap((outChannels, i): [string, Layer][] => [
    [
      `conv${i + 1}`,
      conv2dLayer({ outChannels, kernelSize: 3, stride: 2, padding: 1, init: kaimingNormal(), biasInit: zeros }),
    ],
    [`relu${i + 1}`, reluLayer()],
  ]);
  const encoder = sequential({
    ...Object.fromEntries(convolutions),
    flatten: flattenLayer(),
    fc: linearLayer({ outFeatures }),
  });
  return {
    ...encoder,
    init(key, inputShape) {
      if (inputShape.join() !== options.imageShape.join()) {
        const hint = 'Give imageShape, or images of that shape';
        throw new ShapeError(op, [
          { rule: 'the input must be imageShape', received: [...inputShape], expected: [...options.imageShape], hint },
        ]);
      }
      return encoder.init(key, inputShape);
    },
  };
}

/** Numbers to images: a linear layer, and transposed 3×3 convolutions of stride 2, all but the last with ReLU. */
export function imageDecoder(options: ImageCoderOptions): Layer {
  const shapes = mapShapes(options).toReversed();
  const [smallest, ...larger] = shapes as [Shape, ...Shape[]];
  const convolutions = larger.flatMap((shape, i): [string, Layer][] => [
    [
      `conv${i + 1}`,
      convTranspose2dLayer({
        outChannels: shape[0]!,
        kernelSize: 3,
        stride: 2,
        padding: 1,
        outputSize: shape.slice(1),
      }),
    ],
    ...(i + 1 < larger.length ? [[`relu${i + 1}`, reluLayer()] as [string, Layer]] : []),
  ]);
  return sequential({
    fc: linearLayer({ outFeatures: smallest.reduce((a, b) => a * b, 1) }),
    relu: reluLayer(),
    reshape: reshapeLayer([smallest.reduce((a, b) => a * b, 1)], smallest),
    ...Object.fromEntries(convolutions),
  });
}

/** Inputs of one shape in another. */
export function reshapeLayer(from: Shape, to: Shape): Layer<Empty, Empty> {
  return functionLayer(
    'reshape',
    (x) => reshape(x, [x.shape[0]!, ...to]),
    (shape) => {
      if (sameShape(shape, from)) return to;
      throw new ShapeError('reshape', [{ rule: 'the input has one shape', received: shape, expected: from }]);
    },
  );
}

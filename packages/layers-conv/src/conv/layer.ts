import { type Context, fans, type Initialiser, kaimingUniform, type Layer, uniform } from '@lemmata/nn';
import {
  type ConvGeometry,
  paddingPerAxis,
  perAxis,
  type PerAxis,
  Problems,
  resolvePadding,
  type Shape,
} from '@lemmata/shape';
import { foldIn, type Tensor } from '@lemmata/tensor';
import { checkConvOptions, type ConvOptions, convolve, paddedGeometry } from './convolve.js';

export interface ConvLayerOptions extends ConvOptions {
  /** Filters: channels of the output. */
  readonly outChannels: number;
  /** Input elements that a filter reads along each spatial axis. */
  readonly kernelSize: PerAxis;
  /** Channels of the input. Default: those of the shape that `init` is given; a number is checked against it. */
  readonly inChannels?: number | undefined;
  /** Add a number to each output channel. Default true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight. Default: uniform within ±1 / √fanIn, with fanIn = C / groups · ∏ kernel. */
  readonly init?: Initialiser | undefined;
  /** Draws the bias. Default: uniform within ±1 / √fanIn of the weight. */
  readonly biasInit?: Initialiser | undefined;
}

export interface ConvParams {
  /** `[outChannels, inChannels / groups, ...kernel]` */
  readonly weight: Tensor;
  /** `[outChannels]`; absent with `bias: false`. */
  readonly bias?: Tensor;
}

export type ConvLayer = Layer<ConvParams, Readonly<Record<never, never>>>;

const names = ['outChannels', 'kernelSize', 'inChannels', 'bias', 'init', 'biasInit'];

/**
 * The uniform law within ±1 / √fanIn that PyTorch draws from: Kaiming's for a leaky ReLU of slope √5.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html (Variables)
 */
const defaultInit = kaimingUniform({ a: Math.sqrt(5) });

/** The layer along `rank` spatial axes. */
export function convLayer(kind: string, rank: number, options: ConvLayerOptions): ConvLayer {
  checkLayerOptions(kind, rank, options);
  const { outChannels, kernelSize, inChannels, bias = true, init = defaultInit, biasInit, ...sliding } = options;
  const { groups = 1 } = sliding;

  const geometry = (inputShape: Shape): { weight: Shape; geometry: ConvGeometry } => {
    const problems = new Problems(kind);
    const channels = inputShape[0] ?? 0;
    const weight = [
      outChannels,
      Math.floor(channels / groups),
      ...perAxis(problems, 'kernelSize', kernelSize, rank, 1),
    ];
    if (inChannels !== undefined && inputShape.length === rank + 1 && inChannels !== channels) {
      problems.add({
        rule: 'the input must have inChannels channels',
        received: channels,
        expected: inChannels,
        axis: 0,
      });
    }
    problems.throwIfAny({ input: inputShape });
    const { paddingMode, ...window } = sliding;
    return {
      weight,
      geometry: paddedGeometry(kind, { input: [1, ...inputShape], weight, ...window, spatialRank: rank }, paddingMode),
    };
  };

  return {
    kind,
    init(key, inputShape) {
      const {
        weight: shape,
        geometry: { outputShape },
      } = geometry(inputShape);
      const weight = init(foldIn(key, 0), shape, { groups });
      const bound = 1 / Math.sqrt(fans(shape, { groups }).fanIn);
      const drawBias = biasInit ?? uniform({ low: -bound, high: bound });
      const params = bias ? { weight, bias: drawBias(foldIn(key, 1), [outChannels], { groups }) } : { weight };
      return { params, state: {}, outputShape: outputShape.slice(1) };
    },
    apply: (params: ConvParams, state, x: Tensor, _context: Context) => [
      convolve(kind, rank, x, params.weight, params.bias, sliding),
      state,
    ],
    window(inputShape) {
      const { kernel, stride, dilation, padding } = geometry(inputShape).geometry;
      return kernel.map((k, axis) => ({
        kernel: k,
        stride: stride[axis],
        dilation: dilation[axis],
        padding: padding[axis],
      }));
    },
  };
}

function checkLayerOptions(kind: string, rank: number, options: ConvLayerOptions): void {
  checkConvOptions(kind, options, names);
  const { outChannels, kernelSize, inChannels, groups = 1, stride = 1, dilation = 1, padding = 0, bias } = options;
  const problems = new Problems(kind);
  const sizes = { outChannels, ...(inChannels === undefined ? {} : { inChannels }), groups };
  for (const [name, value] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      problems.add({ rule: `${name} must be an integer of at least 1`, received: value });
    } else if (value % groups !== 0) {
      problems.add({ rule: `groups ${groups} must divide ${name}`, received: value });
    }
  }
  if (bias !== undefined && typeof bias !== 'boolean')
    problems.add({ rule: 'bias must be true or false', received: bias });
  const kernels = perAxis(problems, 'kernelSize', kernelSize, rank, 1);
  const strides = perAxis(problems, 'stride', stride, rank, 1);
  const dilations = perAxis(problems, 'dilation', dilation, rank, 1);
  const paddings = paddingPerAxis(problems, padding, rank);
  problems.throwIfAny();
  // Whether the padding is one at all does not depend on the size.
  paddings.forEach((sides, axis) =>
    resolvePadding(
      { size: 1, kernel: kernels[axis], stride: strides[axis], dilation: dilations[axis], padding: sides },
      problems,
      axis + 2,
    ),
  );
  problems.throwIfAny();
}

import { conv2dLayer } from '@lemmata/layers-conv';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { layerNormLayer } from '@lemmata/layers-norm';
import {
  compose,
  functionLayer,
  type Initialiser,
  type Layer,
  normal,
  sequential,
  truncatedNormal,
  zeros,
} from '@lemmata/nn';
import { OptionError, type Shape, ShapeError } from '@lemmata/shape';
import { mean, select } from '@lemmata/tensor';
import { transformerEncoderBlock } from '../blocks/index.js';
import type { Named } from '../named.js';
import { count, oneOf, positive, settle, share } from '../settle.js';
import { classTokenLayer, tokenPositionsLayer, tokensLayer } from './tokens.js';

export interface VisionTransformerOptions {
  /** Rows and columns of the image. Default 224. */
  readonly imageSize?: number;
  /** Rows and columns of a patch; divides imageSize. Default 16. */
  readonly patchSize?: number;
  /** Features of a token. Default 768. */
  readonly embedDim?: number;
  /** Encoder blocks. Default 12. */
  readonly depth?: number;
  /** Heads of each block; divides embedDim. Default 12. */
  readonly numHeads?: number;
  /** Hidden units of each block. Default 4 · embedDim. */
  readonly mlpDim?: number;
  /** Default 1000. */
  readonly classes?: number;
  /** What the classes are read from: a token of its own (`token`), or the mean of all (`mean`). Default token. */
  readonly pool?: 'token' | 'mean';
  /** Share that is dropped in training behind the positions and in each block. Default 0. */
  readonly dropout?: number;
  /** Share of the attention weights that is dropped in training. Default 0. */
  readonly attentionDropout?: number;
  /** Of the layer norms. Default 1e-6. */
  readonly eps?: number;
}

/** Normal with variance 1 / fanIn, cut at two deviations. */
const lecun: Initialiser = (key, shape, options) => {
  const std = 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1));
  return truncatedNormal({ std, low: -2 * std, high: 2 * std })(key, shape, options);
};

/**
 * The Vision Transformer: an image is cut into patches, each becomes a token by a linear map, positions are added, and encoder
 * blocks let tokens read each other; [C, imageSize, imageSize] → logits. Names as torchvision's: `class_token`, `conv_proj`,
 * `encoder.pos_embedding`, `encoder.layers.encoder_layer_0.ln_1` …, `encoder.ln`, `heads.head`.
 *
 * torchvision starts the last linear layer at 0; here it is drawn with deviation 0.02, so that gradients pass it at once.
 *
 * @throws OptionError for unknown options, values that are none of theirs, patches that do not divide the image and heads that
 * do not divide the features; from `init`, ShapeError for images of another size.
 *
 * Source: Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929
 */
export function visionTransformer(options: VisionTransformerOptions = {}): Layer {
  const op = 'visionTransformer';
  const settled = settle(op, options, {
    imageSize: count(224),
    patchSize: count(16),
    embedDim: count(768),
    depth: count(12),
    numHeads: count(12),
    mlpDim: count(4 * (options?.embedDim ?? 768) || 1),
    classes: count(1000),
    pool: oneOf(['token', 'mean'] as const, 'token'),
    dropout: share(0),
    attentionDropout: share(0),
    eps: positive(1e-6),
  });
  const { imageSize, patchSize, embedDim, depth, classes, pool, dropout, eps } = settled;
  const { numHeads, mlpDim, attentionDropout } = settled;
  if (imageSize % patchSize !== 0)
    throw new OptionError(op, [`patchSize ${patchSize} must divide imageSize, received ${imageSize}`]);
  const block = { embedDim, numHeads, mlpDim, dropout, attentionDropout, eps };
  const encoder = sequential({
    pos_embedding: tokenPositionsLayer(normal({ std: 0.02 })),
    dropout: dropoutLayer({ p: dropout }),
    layers: sequential(
      Object.fromEntries(
        Array.from({ length: depth }, (_, i) => [`encoder_layer_${i}`, transformerEncoderBlock(block)]),
      ),
    ),
    ln: layerNormLayer({ normalizedShape: embedDim, eps }),
  });
  const layers: Record<string, Layer> = {
    ...(pool === 'token' ? { class_token: classTokenLayer() } : {}),
    conv_proj: conv2dLayer({
      outChannels: embedDim,
      kernelSize: patchSize,
      stride: patchSize,
      init: lecun,
      biasInit: zeros,
    }),
    tokens: tokensLayer(),
    encoder,
    pool: functionLayer(
      pool,
      (x) => (pool === 'token' ? select(x, 1, 0) : mean(x, { axis: 1 })),
      ([, features]) => [features!],
    ),
    heads: sequential({
      head: linearLayer({
        outFeatures: classes,
        init: truncatedNormal({ std: 0.02, low: -0.04, high: 0.04 }),
        biasInit: zeros,
      }),
    }),
  };
  const order = ['conv_proj', 'tokens', ...(pool === 'token' ? ['class_token'] : []), 'encoder', 'pool', 'heads'];
  const vit = compose(op, layers, (call, x) => order.reduce((y, name) => call(name, y), x), { path: order });
  return {
    ...vit,
    init(key, inputShape) {
      checkImage(op, imageSize, inputShape);
      return vit.init(key, inputShape);
    },
  };
}

function checkImage(op: string, imageSize: number, inputShape: Shape): void {
  if (inputShape.length === 3 && inputShape.slice(1).every((n) => n === imageSize)) return;
  throw new ShapeError(op, [
    {
      rule: `the input must be [C, ${imageSize}, ${imageSize}]`,
      received: [...inputShape],
      hint: 'Give imageSize, or images of that size',
    },
  ]);
}

const named = (options: VisionTransformerOptions, parameters: number, flops: number): Named => ({
  make: () => visionTransformer(options),
  inputShape: [options.imageSize === 28 ? 1 : 3, options.imageSize ?? 224, options.imageSize ?? 224],
  outputShape: [options.classes ?? 1000],
  parameters,
  flops,
});

/** For 28×28 images of one channel: 16 patches of 7×7. */
export const VIT_28: VisionTransformerOptions = {
  imageSize: 28,
  patchSize: 7,
  embedDim: 64,
  depth: 4,
  numHeads: 4,
  mlpDim: 128,
  classes: 10,
};

/** For 32×32 images of three channels: 64 patches of 4×4. */
export const VIT_32: VisionTransformerOptions = {
  imageSize: 32,
  patchSize: 4,
  embedDim: 128,
  depth: 4,
  numHeads: 4,
  classes: 10,
};

export const VISION_TRANSFORMER: Readonly<
  Record<'vit_b_16' | 'vit_b_32' | 'vit_28' | 'vit_28_mean' | 'vit_32' | 'vit_32_mean', Named>
> = {
  vit_b_16: named({}, 86_567_656, 17_563_828_224),
  vit_b_32: named({ patchSize: 32 }, 88_224_232, 4_409_186_304),
  vit_28: named(VIT_28, 139_018, 2_427_008),
  vit_28_mean: named({ ...VIT_28, pool: 'mean' }, 138_890, 2_279_040),
  vit_32: named(VIT_32, 809_354, 55_838_976),
  vit_32_mean: named({ ...VIT_32, pool: 'mean' }, 809_098, 54_920_448),
};

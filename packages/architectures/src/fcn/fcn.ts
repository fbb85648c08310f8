import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { interpolate } from '@lemmata/layers-resample';
import { compose, kaimingNormal, type Layer, sequential, zeros } from '@lemmata/nn';
import { add, type Tensor } from '@lemmata/tensor';
import type { Named } from '../named.js';
import { resnetStages, type ResnetDepth } from '../resnet/resnet.js';
import { count, flag, natural, oneOf, type Rule, settle, share } from '../settle.js';
import { type VggDepth, vggStages } from '../vgg/vgg.js';

/** Layers that bring an image [C, H, W] to an eighth, then a sixteenth, then a 32nd of its size. */
export type Backbone = readonly [to8: Layer, to16: Layer, to32: Layer];

export interface FcnOptions {
  /** Channels of the output: logits at every place. Default 21. */
  readonly classes?: number;
  /** The step of the finest map that is read: `32s`, `16s` or `8s`. Default 8s. */
  readonly variant?: '32s' | '16s' | '8s';
  /** Default vgg16. */
  readonly backbone?: `vgg${VggDepth}` | `resnet${ResnetDepth}` | Backbone;
  /** Channels of the first stage of a backbone by name. Default 64. */
  readonly width?: number;
  /** Batch norm in a VGG backbone. Default false. */
  readonly batchNorm?: boolean;
  /** Channels of a 7×7 and a 1×1 convolution behind the backbone; 0: none. Default 4096 behind a VGG, else none. */
  readonly hidden?: number;
  /** Share of what these give that is dropped in training. Default 0.5. */
  readonly dropout?: number;
}

const NAMES = /^(vgg(11|13|16|19)|resnet(18|34|50|101|152))$/;
const backboneRule: Rule<NonNullable<FcnOptions['backbone']>> = {
  otherwise: 'vgg16',
  says: 'is vgg11, 13, 16 or 19, resnet18, 34, 50, 101 or 152, or three layers',
  holds: (value) =>
    typeof value === 'string'
      ? NAMES.test(value)
      : Array.isArray(value) && value.length === 3 && value.every((layer) => typeof layer?.init === 'function'),
};

/**
 * A fully convolutional network: 1×1 convolutions score the classes on coarse maps of a backbone, and the scores are enlarged
 * to the size of the image; [C, H, W] → [classes, H, W] for any size that the backbone takes. FCN-32s reads the coarsest map
 * alone, FCN-16s adds the scores of the one before, FCN-8s those of two. Names: `to8` …, `head` …, `score32`, `score16`, `score8`.
 *
 * Maps are enlarged by bilinear interpolation to exactly the size that is needed, where the paper has transposed convolutions
 * that start as such and crops.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the layer for
 * which an image is too small.
 *
 * Source: Long, Shelhamer and Darrell 2014, https://arxiv.org/abs/1411.4038
 */
export function fcn(options: FcnOptions = {}): Layer {
  const byName = options?.backbone === undefined || String(options.backbone).startsWith('vgg');
  const { classes, variant, backbone, width, batchNorm, hidden, dropout } = settle('fcn', options, {
    classes: count(21),
    variant: oneOf(['32s', '16s', '8s'] as const, '8s'),
    backbone: backboneRule,
    width: count(64),
    batchNorm: flag(false),
    hidden: natural(byName ? 4096 : 0),
    dropout: share(0.5),
  });
  const [to8, to16, to32] = stages(backbone, width, batchNorm);
  const score = () => conv2dLayer({ outChannels: classes, kernelSize: 1 });
  const layers: Record<string, Layer> = {
    to8,
    to16,
    to32,
    ...(hidden > 0 ? { head: head(hidden, dropout) } : {}),
    score32: score(),
    ...(variant === '32s' ? {} : { score16: score() }),
    ...(variant === '8s' ? { score8: score() } : {}),
  };
  return compose(
    'fcn',
    layers,
    (call, x) => {
      const coarse8 = call('to8', x);
      const coarse16 = call('to16', coarse8);
      const coarse32 = call('to32', coarse16);
      let y = call('score32', hidden > 0 ? call('head', coarse32) : coarse32);
      if (variant !== '32s') y = add(enlarged(y, coarse16), call('score16', coarse16));
      if (variant === '8s') y = add(enlarged(y, coarse8), call('score8', coarse8));
      return enlarged(y, x);
    },
    { path: Object.keys(layers).filter((name) => name !== 'score16' && name !== 'score8') },
  );
}

/** To the rows and columns of another map. */
function enlarged(x: Tensor, like: Tensor): Tensor {
  return interpolate(x, { size: like.shape.slice(2), mode: 'bilinear' });
}

/** The first two linear layers of a VGG as convolutions. */
function head(hidden: number, dropout: number): Layer {
  const conv = (kernelSize: number): Layer[] => [
    conv2dLayer({
      outChannels: hidden,
      kernelSize,
      padding: (kernelSize - 1) / 2,
      init: kaimingNormal(),
      biasInit: zeros,
    }),
    reluLayer(),
    dropoutLayer({ p: dropout }),
  ];
  return sequential([...conv(7), ...conv(1)]);
}

function stages(backbone: NonNullable<FcnOptions['backbone']>, width: number, batchNorm: boolean): Backbone {
  if (typeof backbone !== 'string') return backbone;
  const depth = Number(/\d+$/.exec(backbone)![0]);
  if (backbone.startsWith('vgg')) {
    const [stage1, stage2, stage3, stage4, stage5] = vggStages({ depth: depth as VggDepth, width, batchNorm }).map(
      (layers) => sequential(layers),
    ) as [Layer, Layer, Layer, Layer, Layer];
    return [sequential({ stage1, stage2, stage3 }), stage4, stage5];
  }
  const { layer3, layer4, ...to8 } = resnetStages({ depth: depth as ResnetDepth, width });
  return [sequential(to8), layer3, layer4];
}

const named = (variant: '32s' | '16s' | '8s', parameters: number, flops: number): Named => ({
  make: () => fcn({ variant }),
  inputShape: [3, 224, 224],
  outputShape: [21, 224, 224],
  parameters,
  flops,
  receptiveField: 404,
});

export const FCN: Readonly<Record<'fcn32s' | 'fcn16s' | 'fcn8s', Named>> = {
  fcn32s: named('32s', 134_346_581, 21_208_190_976),
  fcn16s: named('16s', 134_357_354, 21_210_298_368),
  fcn8s: named('8s', 134_362_751, 21_214_513_152),
};

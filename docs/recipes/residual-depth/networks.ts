import { relu, reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { globalAvgPool2dLayer } from '@lemmata/layers-pool';
import { functionLayer, kaimingNormal, residual, sequential, type Layer } from '@lemmata/nn';

export type Kind = 'plain' | 'residual';
export const KINDS: readonly Kind[] = ['plain', 'residual'];
/** Layers with weights, counted as He et al. count them: two a block, one before and one behind. */
export const DEPTHS = [8, 20, 44] as const;
export type Depth = (typeof DEPTHS)[number];

const CHANNELS = 8;
const conv = (stride = 1): Layer =>
  conv2dLayer({ outChannels: CHANNELS, kernelSize: 3, padding: 1, stride, bias: false, init: kaimingNormal() });

/** Two convolutions with batch norm, and the same with its input added before the last ReLU. */
function block(kind: Kind): Layer {
  const body = sequential({
    conv1: conv(),
    bn1: batchNormLayer(),
    relu1: reluLayer(),
    conv2: conv(),
    bn2: batchNormLayer(),
  });
  return sequential({ body: kind === 'residual' ? residual(body) : body, relu: functionLayer('relu', relu) });
}

/** Digits at a quarter of their size, 7×7, through blocks that change neither size nor channels. */
export function network(kind: Kind, depth: Depth): Layer {
  const blocks = Array.from({ length: (depth - 2) / 2 }, () => block(kind));
  return sequential({
    stem: sequential({ conv: conv(4), bn: batchNormLayer(), relu: reluLayer() }),
    blocks: sequential(blocks),
    pool: globalAvgPool2dLayer(),
    flatten: flattenLayer(),
    fc: linearLayer({ outFeatures: 10 }),
  });
}

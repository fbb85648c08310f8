import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { sequential } from '@lemmata/nn';
import { sizeOf } from '@lemmata/shape';
import { bernoulli, cast, div, key } from '@lemmata/tensor';
import { autoencoder } from './autoencoder/autoencoder.js';
import { characterModel } from './character-model/character-model.js';
import { classification, type Family, imageClassification, regression } from './family.laws.js';
import { fcn } from './fcn/fcn.js';
import { lenet5 } from './lenet5/lenet5.js';
import { nin } from './nin/nin.js';
import { preactResnet } from './preact-resnet/preact-resnet.js';
import { CELL_NAMES } from './recurrent.js';
import { resnet } from './resnet/resnet.js';
import { resnetCifar } from './resnet-cifar/resnet-cifar.js';
import { segnet } from './segnet/segnet.js';
import { sequenceClassifier } from './sequence-classifier/sequence-classifier.js';
import { unet } from './unet/unet.js';
import { negativeElbo, vae } from './vae/vae.js';
import { vgg } from './vgg/vgg.js';
import { visionTransformer } from './vision-transformer/vision-transformer.js';

export type Variant = Pick<
  Family,
  'name' | 'layer' | 'inputShape' | 'classes' | 'learning' | 'learningRate' | 'dtype' | 'withoutGradient'
>;

const [classes, one] = [3, [1, 1, 1]];

const classifier = (name: string, layer: Variant['layer'], inputShape: Variant['inputShape']): Variant => ({
  name,
  layer,
  inputShape,
  classes,
  learning: inputShape.length === 3 ? imageClassification(classes) : classification(classes),
});

const halving = (outChannels: number) =>
  sequential([conv2dLayer({ outChannels, kernelSize: 3, stride: 2, padding: 1 }), reluLayer()]);
const small = { backbone: 'vgg11', width: 4, hidden: 8, dropout: 0, classes } as const;
const patch = { imageSize: 2, patchSize: 2, embedDim: 4, depth: 1, numHeads: 1, mlpDim: 4, classes } as const;

/** What options make of a family, where its laws do not go: other blocks, heads, layers, and inputs as small as they may be. */
export const VARIANTS: readonly Variant[] = [
  classifier('lenet5 for 32×32', lenet5({ classes, padding: 0, activation: 'tanh', pool: 'average' }), [1, 16, 16]),
  classifier('lenet5 with batch norm', lenet5({ classes, batchNorm: true, activation: 'silu' }), [1, 12, 12]),
  {
    ...classifier(
      'vgg with batch norm',
      vgg({ depth: 11, width: 6, hidden: 16, classes, dropout: 0, batchNorm: true }),
      [1, 32, 32],
    ),
    withoutGradient: Object.fromEntries(
      [0, 4, 8, 11, 15, 18, 22, 25].map((i) => [`features.${i}.bias`, 'batch norm takes it away']),
    ),
  },
  { ...classifier('nin with dropout', nin({ width: 24, classes, dropout: 0.1 }), [1, 4, 4]), learningRate: 0.003 },
  classifier('resnetCifar with projections', resnetCifar({ depth: 8, width: 4, classes, shortcut: 'projection' }), one),
  classifier('resnet of bottlenecks', resnet({ depth: 50, width: 2, classes }), one),
  classifier(
    'preactResnet of bottlenecks, parameter-free',
    preactResnet({ depth: 11, bottleneck: true, width: 4, classes, shortcut: 'parameterFree' }),
    one,
  ),
  classifier('fcn 8s', fcn(small), [1, 32, 32]),
  classifier('fcn 32s', fcn({ ...small, variant: '32s' }), [1, 32, 32]),
  classifier('fcn 16s', fcn({ ...small, variant: '16s' }), [1, 32, 32]),
  classifier('fcn on resnet18', fcn({ backbone: 'resnet18', width: 4, classes }), one),
  classifier(
    'fcn on layers of one’s own',
    fcn({ backbone: [halving(4), halving(6), halving(8)], hidden: 0, classes }),
    [3, 5, 8],
  ),
  classifier('unet of one level', unet({ depth: 1, width: 4, classes }), [1, 2, 2]),
  classifier('unet of three levels, nearest', unet({ depth: 3, width: 3, up: 'nearest', classes }), [2, 9, 8]),
  classifier(
    'unet, bilinear with batch norm',
    unet({ depth: 1, width: 5, up: 'bilinear', batchNorm: true, classes }),
    [1, 3, 2],
  ),
  classifier('segnet of one stage', segnet({ channels: [6], convolutions: [1], batchNorm: false, classes }), [1, 2, 2]),
  {
    name: 'autoencoder, linear, of one pixel',
    layer: autoencoder({ imageShape: one, channels: [8], latent: 2, output: 'linear' }),
    inputShape: one,
    learning: regression,
  },
  {
    name: 'vae of one pixel',
    layer: vae({ imageShape: [2, 1, 1], channels: [8], latent: 4 }),
    inputShape: [2, 1, 1],
    learning: {
      loss: (output, target) => div(negativeElbo(output, target, { beta: 0 }), sizeOf(target.shape.slice(1))),
      target: ({ shape }) => cast(bernoulli(key(5), 0.5, shape), 'float32'),
    },
    learningRate: 0.02,
  },
  { ...classifier('visionTransformer of one patch', visionTransformer(patch), [1, 2, 2]), learningRate: 0.02 },
  {
    ...classifier(
      'visionTransformer by mean, with dropout',
      visionTransformer({ ...patch, pool: 'mean', embedDim: 16, depth: 2, dropout: 0.1, attentionDropout: 0.1 }),
      [1, 2, 2],
    ),
    learningRate: 0.02,
  },
  ...CELL_NAMES.map(
    (cell): Variant => ({
      ...classifier(
        `sequenceClassifier of ${cell}, two layers both ways`,
        sequenceClassifier({ classes, cell, hiddenSize: 6, numLayers: 2, bidirectional: true, dropout: 0.1 }),
        [2, 2],
      ),
      learningRate: 0.03,
    }),
  ),
  {
    name: 'characterModel of two layers',
    layer: characterModel({ vocabulary: 6, cell: 'gru', embedDim: 3, hiddenSize: 8, numLayers: 2 }),
    inputShape: [5],
    classes: 6,
    learning: classification(6),
    learningRate: 0.05,
    dtype: 'int32',
  },
];

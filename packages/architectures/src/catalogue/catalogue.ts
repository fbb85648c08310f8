import type { Layer } from '@lemmata/nn';
import { ALEXNET, alexnet } from '../alexnet/index.js';
import { AUTOENCODER, autoencoder } from '../autoencoder/index.js';
import { CHARACTER_MODEL, characterModel } from '../character-model/index.js';
import { DCGAN } from '../dcgan/index.js';
import { FCN } from '../fcn/index.js';
import { LENET5, lenet5 } from '../lenet5/index.js';
import { MOBILENET_V2, mobilenetV2 } from '../mobilenet-v2/index.js';
import type { Named } from '../named.js';
import { NIN, nin } from '../nin/index.js';
import { PREACT_RESNET, preactResnet } from '../preact-resnet/index.js';
import { RESNET, resnet } from '../resnet/index.js';
import { RESNET_CIFAR, resnetCifar } from '../resnet-cifar/index.js';
import { SEGNET, segnet } from '../segnet/index.js';
import { SEQUENCE_CLASSIFIER, sequenceClassifier } from '../sequence-classifier/index.js';
import { UNET, unet } from '../unet/index.js';
import { VAE, vae } from '../vae/index.js';
import { VGG, vgg } from '../vgg/index.js';
import { VISION_TRANSFORMER, visionTransformer } from '../vision-transformer/index.js';

/** Every network that has a name, as published: torchvision's names where it has the network. */
export const CATALOGUE: Readonly<Record<string, Named>> = {
  lenet5: { ...LENET5, make: () => lenet5() },
  ...ALEXNET,
  ...VGG,
  ...NIN,
  ...RESNET_CIFAR,
  ...RESNET,
  ...PREACT_RESNET,
  ...MOBILENET_V2,
  ...FCN,
  ...SEGNET,
  ...UNET,
  ...AUTOENCODER,
  ...VAE,
  ...DCGAN,
  ...CHARACTER_MODEL,
  ...SEQUENCE_CLASSIFIER,
  ...VISION_TRANSFORMER,
};

/** What makes the networks whose options are plain data, by its own name: a file of weights can say how its network is made. */
export const FAMILIES: Readonly<Record<string, (options: never) => Layer>> = {
  lenet5,
  alexnet,
  vgg,
  nin,
  resnetCifar,
  resnet,
  preactResnet,
  mobilenetV2,
  segnet,
  unet,
  autoencoder,
  vae,
  characterModel,
  sequenceClassifier,
  visionTransformer,
};

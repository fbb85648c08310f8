import { ALEXNET } from '../alexnet/index.js';
import { AUTOENCODER } from '../autoencoder/index.js';
import { CHARACTER_MODEL } from '../character-model/index.js';
import { DCGAN } from '../dcgan/index.js';
import { FCN } from '../fcn/index.js';
import { LENET5, lenet5 } from '../lenet5/index.js';
import { MOBILENET_V2 } from '../mobilenet-v2/index.js';
import type { Named } from '../named.js';
import { NIN } from '../nin/index.js';
import { PREACT_RESNET } from '../preact-resnet/index.js';
import { RESNET } from '../resnet/index.js';
import { RESNET_CIFAR } from '../resnet-cifar/index.js';
import { SEGNET } from '../segnet/index.js';
import { SEQUENCE_CLASSIFIER } from '../sequence-classifier/index.js';
import { UNET } from '../unet/index.js';
import { VAE } from '../vae/index.js';
import { VGG } from '../vgg/index.js';
import { VISION_TRANSFORMER } from '../vision-transformer/index.js';

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

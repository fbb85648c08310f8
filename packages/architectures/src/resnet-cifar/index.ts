export { RESNET_CIFAR, resnetCifar, type ResnetCifarOptions } from './resnet-cifar.js';

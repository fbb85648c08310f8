export { resnetCifar, type ResnetCifarOptions } from './resnet-cifar.js';

export * from './blocks/index.js';
export * from './lenet5/index.js';
export * from './resnet-cifar/index.js';

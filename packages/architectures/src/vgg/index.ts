export * from './vgg.js';

export * from './preact-resnet.js';

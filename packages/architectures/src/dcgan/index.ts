export * from './dcgan.js';

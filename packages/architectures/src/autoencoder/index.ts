export * from './autoencoder.js';

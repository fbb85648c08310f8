export * from './vae.js';

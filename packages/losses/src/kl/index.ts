export { Kl, kl, type KlOptions } from './kl.js';

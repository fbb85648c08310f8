export { GaussianNll, gaussianNll, type GaussianNllOptions } from './gaussian-nll.js';

export type { Optimizer } from './optimizer.js';
export { constant, cosine, rateAt, type CosineOptions, type Schedule } from './schedule.js';
export { sgd, type SgdOptions, type SgdState } from './sgd.js';

export { BceWithLogits, bceWithLogits, type BceWithLogitsOptions } from './bce-with-logits.js';

export { accuracy, topK, type Metric } from './classes.js';
export { confusionMatrix, dice, f1, iou, meanScore, precision, recall } from './confusion.js';
export { psnr, ssim, type SsimOptions } from './images.js';
export { bitsPerSymbol, perplexity } from './likelihood.js';

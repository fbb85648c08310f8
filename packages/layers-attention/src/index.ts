export * from './multi-head-attention/index.js';
export * from './scaled-dot-product-attention/index.js';

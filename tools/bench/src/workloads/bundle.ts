import type { Workload } from '../workload.js';

/** What a page has to fetch for matrix product, convolution and gradients, see ../run/bundle.ts. */
export const bundle: Workload = {
  id: 'bundle',
  title: 'bundle for matrix product, convolution and gradient, minified and gzipped',
  peers: ['lemmata', 'tfjs-wasm', 'jax', 'ort-web'],
  special: 'bundle',
};

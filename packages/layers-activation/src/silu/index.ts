export { Silu, silu, siluLayer } from './silu.js';

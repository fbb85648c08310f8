export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from './max-unpool.js';

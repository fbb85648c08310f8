export { bottleneckBlock, type BottleneckOptions } from './bottleneck.js';

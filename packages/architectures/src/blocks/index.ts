export {
  basicBlock,
  type BlockOptions,
  bottleneckBlock,
  preActivationBlock,
  type Shortcut,
} from './residual-blocks.js';

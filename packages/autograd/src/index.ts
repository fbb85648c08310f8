export { checkGradient, type CheckOptions, type GradientError, type GradientReport } from './check.js';
export {
  grad,
  valueAndGrad,
  vjp,
  type GradientOptions,
  type Loss,
  type ValueAndGrads,
  type Vjp,
} from './gradient.js';
export { recompute } from '@lemmata/tensor';
export { depth, graph, type DepthOptions, type Graph, type GraphNode, type GraphOptions } from './graph.js';
export type { TensorTree } from './tensor-tree.js';
export { Tape, type TapeOptions, type TapeRecord } from './tape.js';

export {
  stochasticDepth,
  stochasticDepthLayer,
  type StochasticDepthLayerOptions,
  type StochasticDepthOptions,
} from './stochastic-depth.js';

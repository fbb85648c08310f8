export {
  learnedPositionsLayer,
  type LearnedPositionsOptions,
  type LearnedPositionsParams,
  sinusoidalPositions,
  sinusoidalPositionsLayer,
  type SinusoidOptions,
} from './positions.js';

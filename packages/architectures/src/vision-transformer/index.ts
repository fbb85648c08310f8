export {
  VISION_TRANSFORMER,
  visionTransformer,
  type VisionTransformerOptions,
  VIT_28,
  VIT_32,
} from './vision-transformer.js';

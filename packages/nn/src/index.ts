export {
  constantOf, fans, kaimingNormal, kaimingUniform, normal, ones, uniform, zeros,
  type FanOptions, type Fans, type Initialiser, type KaimingOptions,
} from './initialisers.js';
export { functionLayer, type Context, type Empty, type Initialised, type Layer, type ParamsOf, type StateOf } from './layer.js';
export { contextOf, infer, inLayer, sequential } from './sequential.js';

export { cellOf, type CellParams, type NetworkParams } from './params.js';
export { StepMask } from './step-mask.js';
export type { RecurrentLayerOptions } from './layer.js';
export type { RecurrentOptions } from './network.js';
export * from './gru/index.js';
export * from './lstm/index.js';
export * from './rnn/index.js';

export { gru, gruCell, type GruCellOptions, gruLayer, type GruLayerOptions, type GruOptions } from './gru.js';

export {
  rnn,
  rnnCell,
  type RnnCellOptions,
  rnnLayer,
  type RnnLayerOptions,
  type RnnOptions,
  type RnnResult,
} from './rnn.js';

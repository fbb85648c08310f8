export {
  lstm,
  lstmCell,
  lstmLayer,
  type LstmLayerOptions,
  type LstmOptions,
  type LstmResult,
  type LstmState,
} from './lstm.js';

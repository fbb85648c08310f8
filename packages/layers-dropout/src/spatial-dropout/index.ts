export {
  dropout1d,
  dropout1dLayer,
  dropout2d,
  dropout2dLayer,
  dropout3d,
  dropout3dLayer,
} from './spatial-dropout.js';

export { pixelShuffle, pixelShuffleLayer, pixelUnshuffle, pixelUnshuffleLayer } from './pixel-shuffle.js';

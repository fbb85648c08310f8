import {
  expectSame,
  floats,
  functionOp,
  type Law,
  layerLaws,
  type Laws,
  type NdArray,
  noise,
  opLaws,
  searchLaws,
} from '@lemmata/laws';
import { mul, reshape, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { pixelShuffle, pixelShuffleLayer, pixelUnshuffle, pixelUnshuffleLayer } from './pixel-shuffle.js';
import { shuffleCall, shuffleSearch } from './search.laws.js';

const asOp = functionOp<{ readonly r: number }>('pixelShuffle', ({ r }, x) => pixelShuffle(x, r));

const op: Laws = opLaws(asOp, {
  samples: [
    { attrs: { r: 2 }, inputs: [floats([4, 2, 1])] },
    { attrs: { r: 3 }, inputs: [floats([1, 9, 1, 2])] },
    { attrs: { r: 1 }, inputs: [floats([2, 2, 1, 2])] },
    { attrs: { r: 2 }, inputs: [floats([1, 2, 8, 1, 1])] },
  ],
  invalid: [
    { attrs: { r: 2 }, inputs: [floats([1, 6, 2, 2])], throws: /upscaleFactor² = 4 must divide the channels/ },
    { attrs: { r: 2 }, inputs: [floats([4, 2])], throws: /x must be \[\.\.\., C, H, W\]/ },
  ],
  oracle({ r }, x): NdArray {
    const [C, H, W] = x.shape.slice(-3);
    const shape = [...x.shape.slice(0, -3), C / r ** 2, H * r, W * r];
    const data = Array.from(x.data, () => 0);
    for (let n = 0; n < data.length; n++) {
      const [w, h, c] = [n % W, Math.floor(n / W) % H, Math.floor(n / (W * H)) % C];
      const batch = Math.floor(n / (W * H * C));
      const [i, j, k] = [Math.floor(c / r) % r, c % r, Math.floor(c / r ** 2)];
      data[((batch * (C / r ** 2) + k) * H * r + h * r + i) * W * r + w * r + j] = x.data[n];
    }
    return { shape, data };
  },
});

interface Pair {
  readonly shuffle: (x: Tensor, r: number) => Tensor;
  readonly unshuffle: (x: Tensor, r: number) => Tensor;
}

const inverse: Law<Pair, { readonly seed: number; readonly r: number }> = {
  name: 'shuffling and unshuffling undo each other',
  statement: 'In either order they are the identity, bit for bit.',
  formula: 'unshuffle(shuffle(x)) = x = shuffle(unshuffle(x))',
  subject: { shuffle: pixelShuffle, unshuffle: pixelUnshuffle },
  cases: fc.record({ seed: fc.nat(1e6), r: fc.integer({ min: 2, max: 3 }) }),
  mutants: [
    {
      name: 'a reshape that does not move',
      plant: (pair) => ({ ...pair, unshuffle: (x, r) => reshape(x, pixelUnshuffle(x, r).shape) }),
    },
    { name: 'a scale', plant: (pair) => ({ ...pair, shuffle: (x, r) => mul(pair.shuffle(x, r), 1.01) }) },
  ],
  holds({ shuffle, unshuffle }, { seed, r }) {
    const x = tensor(noise(2 * r ** 2 * 6 * r ** 2, seed), { shape: [2, r ** 2, 2 * r, 3 * r] });
    for (const back of [unshuffle(shuffle(x, r), r), shuffle(unshuffle(x, r), r)])
      expectSame({ what: 'picture', shape: x.shape }, back.dataSync(), x.dataSync());
  },
};

const layers: Laws = layerLaws('pixel shuffle layers', {
  samples: [
    { layer: pixelShuffleLayer({ upscaleFactor: 2 }), inputShape: [4, 1, 2] },
    { layer: pixelUnshuffleLayer({ downscaleFactor: 2 }), inputShape: [1, 2, 4] },
  ],
  invalid: [
    { layer: pixelShuffleLayer({ upscaleFactor: 2 }), inputShape: [3, 2, 2], throws: /must divide the channels/ },
    {
      layer: pixelUnshuffleLayer({ downscaleFactor: 2 }),
      inputShape: [1, 3, 4],
      throws: /must divide height and width/,
    },
  ],
});

/** Of shuffling as a function, of it with its inverse, and of the layers. */
export const laws: readonly Laws[] = [
  op,
  { subject: 'pixel shuffle', laws: [inverse] },
  layers,
  searchLaws('pixelShuffle', shuffleCall, shuffleSearch),
];

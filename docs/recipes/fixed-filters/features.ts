import { reluLayer } from '@lemmata/layers-activation';
import { conv2d, conv2dLayer, convTranspose2d } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { avgPool2d, avgPool2dLayer } from '@lemmata/layers-pool';
import { functionLayer, sequential, type Layer } from '@lemmata/nn';
import { abs, add, concat, maximum, narrow, neg, sqrt, square, type Tensor } from '@lemmata/tensor';
import { gabor, haar, sobel, type Filters } from './filters.js';

export const GABOR: Filters = gabor({ directions: 8, size: 9, wavelength: 6, sigma: 2 });
const DIRECTIONS = GABOR.names.length / 2;

/** Images [n, 1, h, w] to maps of the same size: bright to dark and dark to bright apart, which a plain sum would cancel. */
export function sobelMaps(x: Tensor): Tensor {
  const slopes = conv2d(x, sobel.kernels, null, { padding: 1 });
  return concat([maximum(slopes, 0), maximum(neg(slopes), 0)], 1);
}

/** The length of the even and the odd response together: how much of a wave there is, wherever its crests lie. */
export function gaborMaps(x: Tensor): Tensor {
  const waves = conv2d(x, GABOR.kernels, null, { padding: 4 });
  const [even, odd] = [narrow(waves, 1, 0, DIRECTIONS), narrow(waves, 1, DIRECTIONS, DIRECTIONS)];
  return sqrt(add(add(square(even), square(odd)), 1e-6));
}

/** Four maps of half the size. */
export function haarMaps(x: Tensor): Tensor {
  return conv2d(x, haar.kernels, null, { stride: 2 });
}

/** The image that {@link haarMaps} came from: the kernels are orthonormal, so the adjoint is the inverse. */
export function haarInverse(maps: Tensor): Tensor {
  return convTranspose2d(maps, haar.kernels, null, { stride: 2 });
}

/** A layer that is not learnt. */
const fixed = (kind: string, f: (x: Tensor) => Tensor, channels: number, shrink: number): Layer =>
  functionLayer(kind, f, ([, h, w]) => [channels, h! / shrink, w! / shrink]);

const pooled = (maps: (x: Tensor) => Tensor) => (x: Tensor) => avgPool2d(maps(x), { kernelSize: 4 });

export const WAYS = ['pixels', 'Haar', '|Haar|', 'Sobel', 'Gabor', 'learnt'] as const;
export type Way = (typeof WAYS)[number];

/** What a linear classifier is given; the last one is learnt, for comparison. */
const FEATURES: Readonly<Record<Way, () => Record<string, Layer>>> = {
  pixels: () => ({}),
  Haar: () => ({ haar: fixed('haar', haarMaps, 4, 2) }),
  '|Haar|': () => ({ haar: fixed('haar', (x) => abs(haarMaps(x)), 4, 2) }),
  Sobel: () => ({ sobel: fixed('sobel', pooled(sobelMaps), 4, 4) }),
  Gabor: () => ({ gabor: fixed('gabor', pooled(gaborMaps), DIRECTIONS, 4) }),
  learnt: () => ({
    conv: conv2dLayer({ outChannels: DIRECTIONS, kernelSize: 9, padding: 4 }),
    relu: reluLayer(),
    pool: avgPool2dLayer({ kernelSize: 4 }),
  }),
};

/** Features, each map evened out to mean 0 and variance 1, and a score for each digit. */
export function classifierOn(way: Way): Layer {
  return sequential({
    ...FEATURES[way](),
    even: batchNormLayer({ affine: false }),
    flatten: flattenLayer(),
    fc: linearLayer({ outFeatures: 10 }),
  });
}

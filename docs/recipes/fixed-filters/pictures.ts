import { conv2d } from '@lemmata/layers-conv';
import { abs, amax, sub, type Tensor } from '@lemmata/tensor';
import { imageGrid, type ReportSection } from '@lemmata/visualize';
import { GABOR, gaborMaps, haarInverse, haarMaps } from './features.js';
import { haar, sobel, type Filters } from './filters.js';

/** Maps [1, n, h, w] side by side: with `diverging` 0 is white and each map has its own scale, else from black to white. */
function maps(x: Tensor, labels: readonly string[], diverging: boolean, title: string, size: number): string {
  const [, n, h, w] = x.shape as [number, number, number, number];
  return imageGrid({
    images: x.dataSync(),
    shape: [n, 1, h, w],
    labels,
    diverging,
    normalise: diverging ? 'each' : 'all',
    title,
    scale: Math.max(1, Math.round(size / w)),
    columns: Math.floor(1100 / size),
  });
}

/** The kernels, large. */
export function kernelsSection(): ReportSection {
  const grid = (title: string, { kernels, names }: Filters): string => {
    const [n, , h, w] = kernels.shape as [number, number, number, number];
    return imageGrid({
      images: kernels.dataSync(),
      shape: [n, 1, h, w],
      diverging: true,
      labels: names,
      scale: Math.floor(90 / w),
      title,
      columns: 8,
    });
  };
  return {
    title: 'The filters',
    intro: 'Blue is negative, white zero, red positive.',
    html: grid('Sobel', sobel) + grid('Haar', haar) + grid('Gabor', GABOR),
  };
}

/** What the filters make of an image [1, 1, h, w] of values from 0 to 1. */
export function responsesSection(title: string, x: Tensor, size: number): ReportSection {
  const back = haarInverse(haarMaps(x));
  const directions = GABOR.names.slice(0, GABOR.names.length / 2).map((name) => name.replace('even, ', ''));
  return {
    title,
    intro:
      'Sobel’s slopes; how much of a wave of each direction there is around a place, by the even and the odd Gabor filter; the four Haar maps, of half the size, and the image made from them again.',
    html: [
      maps(x, ['image'], false, 'As it is', size),
      maps(conv2d(x, sobel.kernels, null, { padding: 1 }), sobel.names, true, 'Sobel', size),
      maps(gaborMaps(x), directions, false, 'Gabor', size),
      maps(haarMaps(x), haar.names, true, 'Haar', size),
      maps(back, ['from the four maps'], false, 'Haar, back', size),
    ].join(''),
  };
}

/** The largest difference between an image and what comes back through its Haar maps. */
export function haarError(x: Tensor): number {
  return amax(abs(sub(haarInverse(haarMaps(x)), x))).item();
}

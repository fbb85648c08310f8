import type { Column, Columns, Loader } from '@lemmata/data';
import type { Batches } from '@lemmata/train';

/** The batches of one loader, each with the next of another, which starts again and again. */
export function alongside<A extends Columns, B extends Columns>(main: Loader<A>, other: Loader<B>): Batches<A & B> {
  return {
    steps: main.steps,
    *epoch(epoch, { from = 0 } = {}) {
      let at = epoch * main.steps + from;
      for (const batch of main.epoch(epoch, { from })) {
        const [beside] = other.epoch(Math.floor(at / other.steps), { from: at % other.steps });
        yield { ...batch, ...beside! };
        at++;
      }
    },
  };
}

/**
 * How much the weights of a filter look like those beside and beneath them: their correlation about the mean of each plane, over all
 * planes together. 0 for noise, near 1 for what is smooth.
 *
 * @param weights [..., k, k], flat
 */
export function neighbourCorrelation(weights: ArrayLike<number>, k: number): number {
  let [together, alone, pairs] = [0, 0, 0];
  const planes = weights.length / k ** 2;
  for (let p = 0; p < planes; p++) {
    const w = Array.from({ length: k * k }, (_, i) => weights[p * k * k + i]!);
    const mean = w.reduce((a, b) => a + b, 0) / w.length;
    w.forEach((v, i) => {
      alone += (v - mean) ** 2;
      if (i % k < k - 1) together += (v - mean) * (w[i + 1]! - mean);
      if (i + k < k * k) together += (v - mean) * (w[i + k]! - mean);
    });
    pairs += 2 * k * (k - 1);
  }
  return together / pairs / (alone / (planes * k * k));
}

/** Of every channel of maps [n, c, h, w], where it is largest: the image and the place. */
export function strongest(maps: ArrayLike<number>, [n, c, h, w]: readonly number[]): { image: number; at: number }[] {
  return Array.from({ length: c! }, (_, channel) => {
    let [most, found] = [-Infinity, { image: 0, at: 0 }];
    for (let image = 0; image < n!; image++)
      for (let at = 0; at < h! * w!; at++) {
        const value = maps[(image * c! + channel) * h! * w! + at]!;
        if (value > most) [most, found] = [value, { image, at }];
      }
    return found;
  });
}

/** The window of k×k pixels about a place of one image; 0 beyond its edges. */
export function window({ data, shape }: Column, image: number, at: number, k: number): number[] {
  const [, c, h, w] = shape as [number, number, number, number];
  const [top, left] = [Math.floor(at / w) - (k - 1) / 2, (at % w) - (k - 1) / 2];
  return Array.from({ length: c * k * k }, (_, i) => {
    const [plane, y, x] = [Math.floor(i / k ** 2), top + (Math.floor(i / k) % k), left + (i % k)];
    return y < 0 || x < 0 || y >= h || x >= w ? 0 : data[((image * c + plane) * h + y) * w + x]!;
  });
}

import { unknownOptions } from '@lemmata/shape';

/**
 * Peak signal-to-noise ratio in decibels, 10·log₁₀(peak² / mean squared error), over all values of both arrays; ∞ where
 * they are equal.
 *
 * @param peak the largest value there can be. Default 1.
 * @throws RangeError for arrays of different length or none.
 */
export function psnr(a: ArrayLike<number>, b: ArrayLike<number>, peak: number = 1): number {
  if (a.length !== b.length || a.length === 0)
    throw new RangeError(
      `psnr: needs as many values on both sides, at least one, received ${a.length} and ${b.length}`,
    );
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((peak * peak * a.length) / total);
}

export interface SsimOptions {
  /** Height of an image, in pixels. */
  readonly height: number;
  /** Width of an image, in pixels. */
  readonly width: number;
  /** The largest value there can be. Default 1. */
  readonly peak?: number;
  /** Side of the Gaussian window, odd. Default 11. */
  readonly window?: number;
  /** Standard deviation of the window, in pixels. Default 1.5. */
  readonly sigma?: number;
}

/**
 * Structural similarity of two images of one channel, or of stacks of such planes: the mean over all windows that lie
 * inside a plane of
 * (2μₐμᵦ + c₁)(2σₐᵦ + c₂) / ((μₐ² + μᵦ² + c₁)(σₐ² + σᵦ² + c₂)), c₁ = (0.01·peak)², c₂ = (0.03·peak)²,
 * with Gaussian weights. 1 for equal images.
 *
 * Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004.
 *
 * @param a planes of height × width, row by row.
 * @param b as many.
 * @throws RangeError where the lengths are no whole number of planes or differ, a plane is smaller than the window, or sigma or peak is not
 * positive.
 */
export function ssim(a: ArrayLike<number>, b: ArrayLike<number>, options: SsimOptions): number {
  unknownOptions('ssim', options, ['height', 'width', 'peak', 'window', 'sigma']);
  const { height, width, peak = 1, window = 11, sigma = 1.5 } = options;
  const plane = height * width;
  if (a.length !== b.length || a.length === 0 || a.length % plane !== 0) {
    throw new RangeError(
      `ssim: expected as many values on both sides, in planes of ${height}×${width} = ${plane}; received ${a.length} and ${b.length}`,
    );
  }
  if (!Number.isInteger(window) || window < 1 || window % 2 === 0 || window > Math.min(height, width)) {
    throw new RangeError(`ssim: the window is odd and at most ${height}×${width}, received ${window}`);
  }
  if (!(sigma > 0 && peak > 0))
    throw new RangeError(`ssim: sigma and peak are positive, received ${sigma} and ${peak}`);
  const weights = gaussian(window, sigma);
  const [c1, c2] = [(0.01 * peak) ** 2, (0.03 * peak) ** 2];
  let total = 0;
  let count = 0;
  for (let start = 0; start < a.length; start += plane) {
    const blurred = (f: (i: number) => number): Float64Array => blur(f, start, height, width, weights);
    const [ma, mb] = [blurred((i) => a[i]!), blurred((i) => b[i]!)];
    const [aa, bb, ab] = [blurred((i) => a[i]! ** 2), blurred((i) => b[i]! ** 2), blurred((i) => a[i]! * b[i]!)];
    for (let i = 0; i < ma.length; i++) {
      const [x, y] = [ma[i]!, mb[i]!];
      const [vx, vy, cov] = [aa[i]! - x * x, bb[i]! - y * y, ab[i]! - x * y];
      total += ((2 * x * y + c1) * (2 * cov + c2)) / ((x * x + y * y + c1) * (vx + vy + c2));
      count++;
    }
  }
  return total / count;
}

/** Weights of a Gaussian window along one axis; they sum to 1. */
function gaussian(size: number, sigma: number): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((x, y) => x + y, 0);
  return weights.map((w) => w / total);
}

/** Weighted means over all windows inside a plane, one axis after the other. */
function blur(
  at: (i: number) => number,
  start: number,
  height: number,
  width: number,
  weights: Float64Array,
): Float64Array {
  const size = weights.length;
  const [h, w] = [height - size + 1, width - size + 1];
  const rows = new Float64Array(height * w);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < w; x++)
      for (let k = 0; k < size; k++) rows[y * w + x]! += weights[k]! * at(start + y * width + x + k);
  const out = new Float64Array(h * w);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) for (let k = 0; k < size; k++) out[y * w + x]! += weights[k]! * rows[(y + k) * w + x]!;
  return out;
}

import { tensor, type Tensor } from '@lemmata/tensor';

/** Kernels [n, 1, k, k] for `conv2d`, and their names. */
export interface Filters {
  readonly names: readonly string[];
  readonly kernels: Tensor;
}

function filters(named: Readonly<Record<string, readonly (readonly number[])[]>>): Filters {
  const all = Object.values(named);
  const side = all[0]!.length;
  return { names: Object.keys(named), kernels: tensor(all.flat(2), { shape: [all.length, 1, side, side] }) };
}

/** The slope to the right and down, smoothed across. Source: Sobel and Feldman 1968, https://doi.org/10.13140/RG.2.1.1912.4965 */
export const sobel: Filters = filters({
  'to the right': [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ],
  down: [
    [-1, -2, -1],
    [0, 0, 0],
    [1, 2, 1],
  ],
});

/**
 * The Haar wavelet of 2×2 pixels: their sum and their differences, halved, which makes the four kernels orthonormal.
 * Source: Mallat 1989, https://doi.org/10.1109/34.192463
 */
export const haar: Filters = filters({
  mean: [
    [0.5, 0.5],
    [0.5, 0.5],
  ],
  'left − right': [
    [0.5, -0.5],
    [0.5, -0.5],
  ],
  'top − bottom': [
    [0.5, 0.5],
    [-0.5, -0.5],
  ],
  diagonal: [
    [0.5, -0.5],
    [-0.5, 0.5],
  ],
});

export interface GaborOptions {
  /** Directions between 0 and 180 degrees. */
  readonly directions: number;
  /** Pixels of the kernel along a side, odd. */
  readonly size: number;
  /** Pixels of a wave. */
  readonly wavelength: number;
  /** Standard deviation of the Gaussian, in pixels. */
  readonly sigma: number;
}

/**
 * Waves under a Gaussian, g(x, y) = exp(−(x² + y²) / 2σ²) · cos or sin of 2π (x cos θ + y sin θ) / λ, of length 1 and without a mean:
 * first all even ones (cosine), then all odd ones (sine).
 *
 * Source: Daugman 1985, https://doi.org/10.1364/JOSAA.2.001160
 */
export function gabor({ directions, size, wavelength, sigma }: GaborOptions): Filters {
  const half = (size - 1) / 2;
  const named: Record<string, number[][]> = {};
  for (const [phase, wave] of [
    ['even', Math.cos],
    ['odd', Math.sin],
  ] as const) {
    for (let d = 0; d < directions; d++) {
      const angle = (Math.PI * d) / directions;
      const values = Array.from({ length: size * size }, (_, i) => {
        const [x, y] = [(i % size) - half, Math.floor(i / size) - half];
        const along = x * Math.cos(angle) + y * Math.sin(angle);
        return Math.exp(-(x * x + y * y) / (2 * sigma * sigma)) * wave((2 * Math.PI * along) / wavelength);
      });
      const mean = values.reduce((a, b) => a + b) / values.length;
      const length = Math.hypot(...values.map((v) => v - mean));
      named[`${phase}, ${Math.round((180 * d) / directions)}°`] = Array.from({ length: size }, (_, row) =>
        values.slice(row * size, (row + 1) * size).map((v) => (v - mean) / length),
      );
    }
  }
  return filters(named);
}

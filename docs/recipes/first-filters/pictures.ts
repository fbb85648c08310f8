import type { Tensor } from '@lemmata/tensor';
import { imageGrid, pngDataUri } from '@lemmata/visualize';

/** Filters [n, c, k, k], each from its least to its greatest weight: one channel in blue, white and red, three as a picture. */
export function picture(weights: Tensor, title: string): string {
  const [n, c, h, w] = weights.shape as [number, number, number, number];
  return imageGrid({
    images: weights.dataSync(),
    shape: [n, c, h, w],
    diverging: c === 1,
    normalise: 'each',
    scale: Math.floor(52 / w),
    columns: 16,
    title,
  });
}

/** Sets of colour filters [n, 3, k, k] beneath each other as one SVG document, sixteen in a row. */
export function colourSheet(sets: readonly Tensor[]): string {
  const [side, step, across] = [42, 50, 16];
  let top = 4;
  const images: string[] = [];
  for (const weights of sets) {
    const [n, , k] = weights.shape as [number, number, number, number];
    const values = weights.dataSync();
    for (let f = 0; f < n; f++) {
      const filter = Array.from({ length: 3 * k * k }, (_, i) => Number(values[f * 3 * k * k + i]));
      const [low, high] = [Math.min(...filter), Math.max(...filter)];
      // Planes one behind the other become triples.
      const bytes = Uint8Array.from(filter, (_, i) => {
        const value = filter[(i % 3) * k * k + Math.floor(i / 3)]!;
        return Math.round((255 * (value - low)) / (high - low || 1));
      });
      const [x, y] = [4 + (f % across) * step, top + Math.floor(f / across) * step];
      images.push(
        `<image x="${x}" y="${y}" width="${side}" height="${side}" href="${pngDataUri(bytes, k, k)}" style="image-rendering:pixelated"/>`,
      );
    }
    top += Math.ceil(n / across) * step + 20;
  }
  const [width, height] = [across * step, top - 20];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Colour filters of a first layer, before training and after">${images.join('')}</svg>\n`;
}

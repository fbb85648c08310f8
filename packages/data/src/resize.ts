import { checkInteger } from './options.js';

/** Planes of height × width values, row by row, and the size that they are to have. */
export interface ResizeOptions {
  /** Channels of an image. */
  readonly channels: number;
  /** Height of an image, in pixels. */
  readonly height: number;
  /** Width of an image, in pixels. */
  readonly width: number;
  /** Height and width of the result. */
  readonly to: readonly [height: number, width: number];
}

/**
 * Planes resized by areas: each target pixel is the mean of the area that it covers in the source, so that nothing is
 * skipped when images shrink; enlarged, pixels stay squares.
 *
 * @param options an image's own, and the size of the result; what else an image has, such as its `data`, is not read.
 * @throws RangeError for sizes that are no counts, and for another number of values than they say.
 */
export function resizeByArea(data: ArrayLike<number>, options: ResizeOptions): Float64Array {
  const { channels, height, width, to } = options;
  const [h, w] = to;
  for (const [what, size] of Object.entries({ channels, height, width, 'to[0]': h, 'to[1]': w }))
    checkInteger('resizeByArea', what, size, 1);
  if (data.length !== channels * height * width)
    throw new RangeError(
      `resizeByArea: received ${data.length} values; expected ${channels} · ${height} · ${width} = ${channels * height * width}`,
    );
  const columns = cover(width, w);
  const rows = cover(height, h);
  const out = new Float64Array(channels * h * w);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        let total = 0;
        for (const [from, a] of rows[y]!)
          for (const [at, b] of columns[x]!) total += a * b * data[(c * height + from) * width + at]!;
        out[(c * h + y) * w + x] = total;
      }
  return out;
}

/** For each of `to` equal parts of an axis: the pixels that it covers, and their shares of it. */
function cover(size: number, to: number): [pixel: number, share: number][][] {
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [(i * size) / to, ((i + 1) * size) / to];
    const parts: [number, number][] = [];
    for (let pixel = Math.floor(start); pixel < Math.ceil(end); pixel++) {
      const share = (Math.min(pixel + 1, end) - Math.max(pixel, start)) / (end - start);
      if (share > 0) parts.push([pixel, share]);
    }
    return parts;
  });
}

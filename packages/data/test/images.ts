import type { Image } from '../src/augment/index.js';

/** An image of one channel. */
export const grey = (rows: number[][]): Image<Float32Array> => ({
  data: Float32Array.from(rows.flat()),
  channels: 1,
  height: rows.length,
  width: rows[0]!.length,
});

/** The rows of an image, of one channel after the other. */
export const rows = ({ data, height, width, channels }: Image): number[][] =>
  Array.from({ length: height * channels }, (_, y) => Array.from(data.subarray(y * width, (y + 1) * width)));

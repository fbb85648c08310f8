import type { Key } from '@lemmata/random';
import { zerosLike } from '../columns.js';
import { checkKeys, checkInteger } from '../options.js';
import { draws, holder, type Image, type ImageChange } from './image.js';
import { checkChance, checkSize, checkSides, type Sides, type Size } from './options.js';

/** What stands outside of an image: a number, for all channels or each, or its own pixels. */
export interface PadOptions {
  /** `constant` (default): `fill`. `edge`: the nearest pixel. `reflect`: mirrored without the edge, at most size − 1 wide. */
  readonly mode?: 'constant' | 'edge' | 'reflect';
  /** Of mode `constant` alone. Default 0. */
  readonly fill?: number | readonly number[];
}

/** Adds rows and columns on all sides, or on `[top, right, bottom, left]`. */
export function pad(sides: Sides, options: PadOptions = {}): ImageChange {
  const [top, right, bottom, left] = checkSides('pad', sides);
  const place = placer('pad', options);
  return (image) => place(image, -top, -left, image.height + top + bottom, image.width + left + right);
}

/** Turns each image left for right with probability `p`, default ½. */
export function horizontalFlip(options: { readonly p?: number } = {}): ImageChange {
  return flip('horizontalFlip', options, true);
}

/** Turns each image upside down with probability `p`, default ½. */
export function verticalFlip(options: { readonly p?: number } = {}): ImageChange {
  return flip('verticalFlip', options, false);
}

function flip(op: string, options: { readonly p?: number }, sideways: boolean): ImageChange {
  checkKeys(op, options, ['p']);
  const p = checkChance(op, 'p', options.p ?? 0.5);
  return (image, key) => {
    if (draws(key, 1)[0]! >= p) return image;
    const { height, width } = image;
    return remap(image, height, width, (y, x) => (sideways ? y * width + width - 1 - x : (height - 1 - y) * width + x));
  };
}

/** The middle of each image; an odd rest is left at the bottom and right. */
export function centerCrop(size: Size): ImageChange {
  const [h, w] = checkSize('centerCrop', size);
  return (image) => {
    fits('centerCrop', image, h, w);
    return window(image, Math.floor((image.height - h) / 2), Math.floor((image.width - w) / 2), h, w);
  };
}

/** A window at a random place, all places equally likely, after `padding` on all sides (default 0) as {@link pad} does it. */
export function randomCrop(size: Size, options: PadOptions & { readonly padding?: Sides } = {}): ImageChange {
  const [h, w] = checkSize('randomCrop', size);
  const { padding = 0, ...rest } = options;
  const [top, right, bottom, left] = checkSides('randomCrop', padding);
  const place = placer('randomCrop', rest);
  return (image, key) => {
    const room = { ...image, height: image.height + top + bottom, width: image.width + left + right };
    fits('randomCrop', room, h, w);
    const [dy, dx] = draws(key, 2) as [number, number];
    const y = Math.floor(dy * (room.height - h + 1)) - top;
    const x = Math.floor(dx * (room.width - w + 1)) - left;
    return place(image, y, x, h, w);
  };
}

/** Windows of an image that may reach outside of it. */
function placer(
  op: string,
  options: PadOptions,
): (image: Image, top: number, left: number, height: number, width: number) => Image {
  checkKeys(op, options, op === 'pad' ? ['mode', 'fill'] : ['mode', 'fill', 'padding']);
  const { mode = 'constant', fill = 0 } = options;
  if (!['constant', 'edge', 'reflect'].includes(mode))
    throw new RangeError(`${op}: received mode '${mode}'; expected constant, edge or reflect`);
  if (mode !== 'constant' && options.fill !== undefined)
    throw new RangeError(`${op}: received a fill with mode '${mode}', which has no use for it; expected mode constant`);
  const fills = [fill].flat();
  return (image, top, left, height, width) => {
    if (top >= 0 && left >= 0 && top + height <= image.height && left + width <= image.width)
      return window(image, top, left, height, width);
    const rows = indices(op, mode, image.height, top, height);
    const columns = indices(op, mode, image.width, left, width);
    return remap(
      image,
      height,
      width,
      (y, x) => (rows[y]! < 0 || columns[x]! < 0 ? -1 : rows[y]! * image.width + columns[x]!),
      (channel) => fillOf(op, fills, channel, image),
    );
  };
}

/** The fill of a channel; bytes would wrap one that they do not hold. */
export function fillOf(op: string, fills: readonly number[], channel: number, { data, channels }: Image): number {
  if (fills.length !== 1 && fills.length !== channels)
    throw new RangeError(
      `${op}: received ${fills.length} fills for ${channels} channels; expected one, or one for each`,
    );
  const fill = fills[fills.length === 1 ? 0 : channel]!;
  if (typeof fill !== 'number' || holder(data)(fill) !== fill)
    throw new RangeError(
      `${op}: received fill ${String(fill)}; expected a number that a ${data.constructor.name} holds`,
    );
  return fill;
}

/** Where along an axis each place of a window comes from; −1 for nowhere. */
function indices(op: string, mode: string, size: number, from: number, count: number): number[] {
  if (mode === 'reflect' && (-from >= size || from + count - size >= size))
    throw new RangeError(
      `${op}: reflection reaches at most size − 1 = ${size - 1} beyond an axis of ${size}, received ${Math.max(-from, from + count - size)}`,
    );
  if (mode === 'edge' && size === 0)
    throw new RangeError(`${op}: received an axis of 0 with mode 'edge', which has no edge; expected mode constant`);
  return Array.from({ length: count }, (_, i) => {
    const at = from + i;
    if (at >= 0 && at < size) return at;
    if (mode === 'constant') return -1;
    if (mode === 'edge') return at < 0 ? 0 : size - 1;
    return at < 0 ? -at : 2 * (size - 1) - at;
  });
}

function fits(op: string, { height, width }: Image, h: number, w: number): void {
  if (h > height || w > width)
    throw new RangeError(`${op}: a window of ${h}×${w} does not fit into an image of ${height}×${width}`);
}

function window(image: Image, top: number, left: number, height: number, width: number): Image {
  return remap(image, height, width, (y, x) => (top + y) * image.width + left + x);
}

/** An image whose pixels are taken from elsewhere in each plane; from nowhere (−1) they are the channel's fill. */
function remap(
  { data, channels, height: h, width: w }: Image,
  height: number,
  width: number,
  source: (y: number, x: number) => number,
  fill: (channel: number) => number = () => 0,
): Image {
  const out = zerosLike(data, channels * height * width);
  for (let c = 0; c < channels; c++) {
    const outside = fill(c);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const from = source(y, x);
        out[(c * height + y) * width + x] = from < 0 ? outside : data[c * h * w + from]!;
      }
  }
  return { data: out, channels, height, width };
}

/** A square of `size` pixels a side with its centre anywhere in the image, `count` of them, is filled. */
export interface CutoutOptions {
  /** Side of each square, in pixels. */
  readonly size: number;
  /** Default 1. */
  readonly count?: number;
  /** Default 0. */
  readonly fill?: number | readonly number[];
}

/**
 * Hides squares of each image, whose centres are drawn evenly over it: they may reach beyond its edges.
 *
 * Source: DeVries and Taylor 2017, https://arxiv.org/abs/1708.04552.
 */
export function cutout(options: CutoutOptions): ImageChange {
  checkKeys('cutout', options, ['size', 'count', 'fill']);
  const { size, count = 1, fill = 0 } = options;
  checkInteger('cutout', 'size', size, 1);
  checkInteger('cutout', 'count', count, 1);
  const fills = [fill].flat();
  return (image: Image, key: Key) => {
    const { data, channels, height, width } = image;
    const out = data.slice();
    const places = draws(key, 2 * count);
    for (let i = 0; i < count; i++) {
      const top = Math.floor(places[2 * i]! * height) - (size >> 1);
      const left = Math.floor(places[2 * i + 1]! * width) - (size >> 1);
      for (let c = 0; c < channels; c++) {
        const value = fillOf('cutout', fills, c, image);
        for (let y = Math.max(0, top); y < Math.min(height, top + size); y++)
          out.fill(
            value,
            (c * height + y) * width + Math.max(0, left),
            (c * height + y) * width + Math.min(width, left + size),
          );
      }
    }
    return { data: out, channels, height, width };
  };
}

import { decode as decodePng, type DecodedPng } from 'fast-png';
import jpeg from 'jpeg-js';
import { DataError } from './error.js';
import { checkKeys } from './options.js';

/** A decoded image: planes of height × width bytes, row by row, 0 black to 255 white: `[channels, height, width]`. */
export interface DecodedImage {
  readonly data: Uint8Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface DecodeOptions {
  /** 1 is grey (ITU-R BT.601 luma), 3 red, green and blue, 4 with opacity. Default 3. */
  readonly channels?: 1 | 3 | 4;
  /** What shows through transparent pixels where no opacity is asked for: 0 black to 255 white. Default 255. */
  readonly background?: number;
  /** What errors call the image. Default 'image'. */
  readonly name?: string;
}

/** Red, green, blue and opacity, from 0 to 1, of pixel i. */
type Pixel = (i: number) => readonly [r: number, g: number, b: number, a: number];

/**
 * Decodes a PNG or JPEG file, of any colour type and depth, by its first bytes.
 *
 * @throws DataError naming the image, for other bytes and for damaged files.
 */
export function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): DecodedImage {
  checkKeys('decodeImage', options, ['channels', 'background', 'name']);
  const { channels = 3, background = 255, name = 'image' } = options;
  if (![1, 3, 4].includes(channels))
    throw new RangeError(`decodeImage: received channels = ${channels}; expected 1, 3 or 4`);
  const { width, height, pixel } = decoded(bytes, name);
  const size = width * height;
  const data = new Uint8Array(channels * size);
  for (let i = 0; i < size; i++) {
    const [r, g, b, a] = pixel(i);
    if (channels === 4) [r, g, b, a].forEach((value, c) => (data[c * size + i] = Math.round(value * 255)));
    else {
      const shown = [r, g, b].map((value) => value * a * 255 + background * (1 - a)) as [number, number, number];
      if (channels === 3) shown.forEach((value, c) => (data[c * size + i] = Math.round(value)));
      else data[i] = Math.round(0.299 * shown[0] + 0.587 * shown[1] + 0.114 * shown[2]);
    }
  }
  return { data, channels, height, width };
}

function decoded(bytes: Uint8Array, name: string): { width: number; height: number; pixel: Pixel } {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) {
    const first = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ') || 'nothing';
    throw new DataError({
      source: name,
      received: `a file that begins with ${first}`,
      expected: 'a PNG or JPEG image',
    });
  }
  try {
    if (isPng) {
      const png = decodePng(bytes);
      return { width: png.width, height: png.height, pixel: pngPixel(png) };
    }
    const { width, height, data } = jpeg.decode(bytes, { useTArray: true });
    return { width, height, pixel: (i) => [data[4 * i]! / 255, data[4 * i + 1]! / 255, data[4 * i + 2]! / 255, 1] };
  } catch (cause) {
    const received = `bytes that do not decode (${(cause as Error).message})`;
    throw new DataError({ source: name, received, expected: 'a whole image' }, { cause });
  }
}

function pngPixel(png: DecodedPng): Pixel {
  const { channels, depth, palette, transparency } = png;
  const sample = sampler(png);
  const white = 2 ** depth - 1;
  if (palette !== undefined) {
    return (i) => {
      const [r, g, b, a = 255] = palette[sample(i)] ?? [0, 0, 0];
      return [r! / 255, g! / 255, b! / 255, a / 255];
    };
  }
  // One colour may be declared transparent where there is no opacity.
  const clear = (i: number): boolean =>
    transparency !== undefined &&
    Array.from({ length: channels }, (_, c) => sample(i * channels + c)).join() === transparency.join();
  return (i) => {
    const at = (c: number): number => sample(i * channels + c) / white;
    if (channels < 3) return [at(0), at(0), at(0), channels === 2 ? at(1) : clear(i) ? 0 : 1];
    return [at(0), at(1), at(2), channels === 4 ? at(3) : clear(i) ? 0 : 1];
  };
}

/** Sample k of an image, of those that share bytes too: rows of samples of 1, 2 or 4 bits start at whole bytes. */
function sampler({ data, depth, width }: DecodedPng): (k: number) => number {
  if (depth >= 8) return (k) => data[k]!;
  const bytesPerRow = Math.ceil((width * depth) / 8);
  return (k) => {
    const bit = (k % width) * depth;
    const byte = data[Math.floor(k / width) * bytesPerRow + (bit >> 3)]!;
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
}

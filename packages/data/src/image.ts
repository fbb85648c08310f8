import { decode as decodePng, type DecodedPng } from 'fast-png';
import jpeg from 'jpeg-js';
import { DataError } from './error.js';
import { checkBytes, checkKeys } from './options.js';
import { exifOrientation, upright } from './orientation.js';

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

type DecodedJpeg = Pick<DecodedPng, 'width' | 'height'> & { readonly data: Uint8Array };

/** Writes red, green, blue and opacity of pixel i, from 0 to 1. */
type Pixel = (i: number, into: Float64Array) => void;

/**
 * Decodes a PNG or JPEG file, of any colour type and depth, by its first bytes. A photograph stands upright, as its camera was held.
 *
 * @throws DataError naming the image, for other bytes and for damaged files: in a PNG every changed byte shows by its CRC, where JPEG
 * has no such sum. Also for interlaced PNG of less than 8 bits, which is not read. RangeError for channels and a background
 * that are none.
 */
export function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): DecodedImage {
  checkKeys('decodeImage', options, ['channels', 'background', 'name']);
  checkBytes('decodeImage', bytes);
  const { channels = 3, background = 255, name = 'image' } = options;
  if (![1, 3, 4].includes(channels))
    throw new RangeError(`decodeImage: received channels = ${channels}; expected 1, 3 or 4`);
  if (!(background >= 0 && background <= 255))
    throw new RangeError(`decodeImage: received background = ${background}; expected a number from 0 to 255`);
  const { width, height, pixel } = decoded(bytes, name);
  const size = width * height;
  const data = new Uint8Array(channels * size);
  const rgba = new Float64Array(4);
  for (let i = 0; i < size; i++) {
    pixel(i, rgba);
    const opacity = rgba[3]!;
    const shown = (c: number): number => rgba[c]! * opacity * 255 + background * (1 - opacity);
    if (channels === 4) for (let c = 0; c < 4; c++) data[c * size + i] = Math.round(rgba[c]! * 255);
    else if (channels === 3) for (let c = 0; c < 3; c++) data[c * size + i] = Math.round(shown(c));
    else data[i] = Math.round(0.299 * shown(0) + 0.587 * shown(1) + 0.114 * shown(2));
  }
  return { data, channels, height, width };
}

/** Kinds of files that people take for images that can be read, by how they begin. */
const KINDS = [
  ['GIF8', 'a GIF'],
  ['RIFF', 'a WebP'],
  ['BM', 'a BMP'],
  ['II*', 'a TIFF'],
  ['MM\0*', 'a TIFF'],
  ['\0\0\0', 'a HEIC or AVIF'],
  ['<', 'an SVG or other text'],
  ['%PDF', 'a PDF'],
] as const;

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 4));

function decoded(bytes: Uint8Array, name: string): { width: number; height: number; pixel: Pixel } {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) {
    const first = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ') || 'nothing';
    const kind = KINDS.find(([begins]) => latin(bytes).startsWith(begins))?.[1];
    throw new DataError({
      source: name,
      received: `${kind ?? 'a file'} that begins with ${first}`,
      expected: 'a PNG or JPEG image',
    });
  }
  if (isPng) checkPng(bytes, name);
  try {
    if (isPng) {
      const png = decodePng(bytes, { checkCrc: true });
      const paletted = bytes[25] === PALETTED;
      if (paletted && png.palette === undefined) throw new Error('colours by number, and no palette');
      if (paletted) checkPalette(png);
      return { width: png.width, height: png.height, pixel: pngPixel(png, paletted) };
    }
    const jpg: { exifBuffer?: ArrayLike<number> } & DecodedJpeg = jpeg.decode(bytes, {
      useTArray: true,
      maxResolutionInMP: Math.min(100, (bytes.length * MOST_PIXELS) / 1e6),
    });
    // The decoder hands out what follows 'Exif' and one of the two zeros behind it, of which its types do not know.
    const exif = jpg.exifBuffer === undefined ? null : Uint8Array.from(jpg.exifBuffer).subarray(1);
    const { width, height, stored } = upright(jpg.width, jpg.height, exif === null ? 1 : exifOrientation(exif));
    const pixel: Pixel = (i, into) => {
      const from = stored(i % width, Math.floor(i / width));
      for (let c = 0; c < 3; c++) into[c] = jpg.data[4 * from + c]! / 255;
      into[3] = 1;
    };
    return { width, height, pixel };
  } catch (cause) {
    const received = `bytes that do not decode (${(cause as Error).message})`;
    throw new DataError({ source: name, received, expected: 'a whole image' }, { cause });
  }
}

/** Deflated data is at most so many times as long as the file: 258 bytes for each two bits. */
const MOST_INFLATED = 1032;

/**
 * A byte of JPEG is at most so many pixels: a block of 64 costs a bit or more, and where one component has all columns and
 * another all rows (ITU-T T.81, A.1.1), half of the blocks are there.
 */
const MOST_PIXELS = 1024;

/** The colour type of a PNG whose pixels are numbers of colours. */
const PALETTED = 3;

/** The bits a sample that each colour type of PNG may have (PNG specification, table 11.1). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  [PALETTED]: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Refuses a header that cannot be true, for the decoder sets memory aside by its word, and what the decoder gets wrong. */
function checkPng(bytes: Uint8Array, source: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33)
    throw new DataError({ source, received: `${bytes.length} bytes`, expected: 'a PNG, whose header is 33 bytes' });
  const headers = partsOf(bytes, view).flatMap((part, i) => (part === 'IHDR' ? [i] : []));
  if (headers.join() !== '0')
    throw new DataError({
      source,
      received: `'${partsOf(bytes, view)[0]}' as the first part of a PNG, and ${headers.length} 'IHDR' in all`,
      expected: "one 'IHDR', before all else",
    });
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), view.getUint8(24)];
  if (width * height === 0 || (width * height * depth) / 8 > bytes.length * MOST_INFLATED)
    throw new DataError({
      source,
      received: `${bytes.length} bytes that say they are ${width}×${height} pixels of ${depth} bits`,
      expected: `at least one pixel, and no more than deflate can hold, ${MOST_INFLATED} times the file`,
    });
  const type = view.getUint8(25);
  if (!DEPTHS[type]?.includes(depth))
    throw new DataError({
      source,
      received: `a PNG of colour type ${type} and ${depth} bits`,
      expected: Object.entries(DEPTHS)
        .map(([known, depths]) => `${depths.join(', ')} bits of type ${known}`)
        .join('; '),
    });
  if (view.getUint8(28) === 1 && depth < 8)
    throw new DataError({
      source,
      received: `an interlaced PNG of ${depth} bits`,
      expected: 'one that is not interlaced, or of 8 or 16 bits',
      fix: 'Save it without interlacing',
    });
}

/** The types of a PNG's parts, in order, as far as the file goes. */
function partsOf(bytes: Uint8Array, view: DataView): string[] {
  const parts: string[] = [];
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) parts.push(latin(bytes.subarray(at + 4)));
  return parts;
}

/** Throws where a pixel has a colour that the palette does not (PNG specification, section 11.2.2). */
function checkPalette(png: DecodedPng): void {
  const { palette = [], width, height } = png;
  const sample = sampler(png);
  for (let i = 0; i < width * height; i++)
    if (sample(i) >= palette.length) throw new Error(`colour ${sample(i)} of a palette of ${palette.length}`);
}

function pngPixel(png: DecodedPng, paletted: boolean): Pixel {
  const { channels, depth, transparency } = png;
  // Images of whole colours may suggest a palette, for screens that show few: it says nothing of their pixels.
  const palette = paletted ? png.palette : undefined;
  const sample = sampler(png);
  const white = 2 ** depth - 1;
  if (palette !== undefined) {
    return (i, into) => {
      const entry = palette[sample(i)]!;
      for (let c = 0; c < 4; c++) into[c] = (entry[c] ?? 255) / 255;
    };
  }
  const colours = channels < 3 ? 1 : 3;
  // One colour may be declared transparent where there is no opacity.
  const clear = (i: number): boolean =>
    transparency !== undefined && transparency.every((value, c) => sample(i * channels + c) === value);
  return (i, into) => {
    for (let c = 0; c < 3; c++) into[c] = sample(i * channels + (c % colours)) / white;
    into[3] = channels > colours ? sample(i * channels + colours) / white : clear(i) ? 0 : 1;
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

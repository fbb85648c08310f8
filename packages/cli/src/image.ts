import { readFile } from 'node:fs/promises';
import { decode as decodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { UserError } from './failure.js';

/** A grey image, 0 black to 1 white, row by row. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float64Array;
}

/** Reads a PNG or JPEG file as grey (ITU-R BT.601 luma), transparent pixels over white. */
export async function readGreyImage(path: string): Promise<GreyImage> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new UserError(`${path}: ${cause.message}; expected an image file`, { cause });
  });
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg)
    throw new UserError(
      `${path}: expected a PNG or JPEG image, received a file that begins with ${[...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ') || 'nothing'}`,
    );
  try {
    if (isJpeg) {
      const { width, height, data } = jpeg.decode(bytes, { useTArray: true });
      return grey(width, height, data, 4, 255);
    }
    const { width, height, data, channels, depth, palette } = decodePng(bytes);
    if (palette !== undefined) {
      const rgba = Uint8Array.from({ length: width * height * 4 }, (_, i) => palette[data[i >> 2]!]?.[i & 3] ?? 255);
      return grey(width, height, rgba, 4, 255);
    }
    return grey(width, height, data, channels, 2 ** depth - 1);
  } catch (cause) {
    throw new UserError(`${path}: the image cannot be decoded: ${(cause as Error).message}`, { cause });
  }
}

function grey(width: number, height: number, data: ArrayLike<number>, channels: number, white: number): GreyImage {
  const pixels = new Float64Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const at = (c: number): number => data[i * channels + c]! / white;
    const luma = channels < 3 ? at(0) : 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2);
    const alpha = channels === 2 ? at(1) : channels === 4 ? at(3) : 1;
    pixels[i] = luma * alpha + 1 - alpha;
  }
  return { width, height, pixels };
}

/**
 * A drawn digit as MNIST has them: white on black, its box scaled into 20×20 with its proportions kept, and its centre of
 * mass in the middle of 28×28. An image of that size already is only inverted if its border is bright.
 *
 * Source: http://yann.lecun.com/exdb/mnist/
 */
export function asMnistDigit(image: GreyImage): Uint8Array {
  const ink = borderMean(image) > 0.5 ? image.pixels.map((v) => 1 - v) : image.pixels;
  const { width, height } = image;
  if (width === 28 && height === 28) return Uint8Array.from(ink, (v) => Math.round(v * 255));
  const box = inkBox(ink, width, height);
  const scale = 20 / Math.max(box.width, box.height);
  const [w, h] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))];
  const small = areaResize((x, y) => ink[(box.top + y) * width + box.left + x]!, box.width, box.height, w, h);
  let [mass, mx, my] = [0, 0, 0];
  small.forEach((v, i) => {
    mass += v;
    mx += v * (i % w);
    my += v * Math.floor(i / w);
  });
  const left = Math.min(28 - w, Math.max(0, Math.round(13.5 - mx / mass)));
  const top = Math.min(28 - h, Math.max(0, Math.round(13.5 - my / mass)));
  const out = new Uint8Array(28 * 28);
  small.forEach((v, i) => (out[(top + Math.floor(i / w)) * 28 + left + (i % w)] = Math.round(v * 255)));
  return out;
}

function borderMean({ width, height, pixels }: GreyImage): number {
  let [total, count] = [0, 0];
  pixels.forEach((v, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x > 0 && y > 0 && x < width - 1 && y < height - 1) return;
    total += v;
    count++;
  });
  return total / count;
}

/** The smallest box around everything a fifth as bright as white. */
function inkBox(
  ink: Float64Array,
  width: number,
  height: number,
): { left: number; top: number; width: number; height: number } {
  let [left, top, right, bottom] = [width, height, -1, -1];
  ink.forEach((v, i) => {
    if (v < 0.2) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) throw new UserError('the image is blank: nothing in it stands out from its border');
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Each target pixel is the mean of the area that it covers in the source. */
function areaResize(
  at: (x: number, y: number) => number,
  width: number,
  height: number,
  w: number,
  h: number,
): Float64Array {
  const overlap = (pixel: number, from: number, to: number): number =>
    Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
  return Float64Array.from({ length: w * h }, (_, i) => {
    const [x0, x1] = [((i % w) * width) / w, (((i % w) + 1) * width) / w];
    const [y0, y1] = [(Math.floor(i / w) * height) / h, ((Math.floor(i / w) + 1) * height) / h];
    let total = 0;
    for (let y = Math.floor(y0); y < Math.ceil(y1); y++) {
      for (let x = Math.floor(x0); x < Math.ceil(x1); x++) total += at(x, y) * overlap(x, x0, x1) * overlap(y, y0, y1);
    }
    return total / ((x1 - x0) * (y1 - y0));
  });
}

import { readFile } from 'node:fs/promises';
import { resizeByArea } from '@lemmata/data';
import { decodeImage, type DecodedImage } from '@lemmata/data/image';
import type { GreyImage } from './drawing.js';
import { because, UserError } from './failure.js';

/** Reads a PNG or JPEG file as grey, transparent pixels over white. */
export async function readGreyImage(path: string): Promise<GreyImage> {
  const { width, height, data } = await read(path, 1);
  return { width, height, pixels: Float64Array.from(data, (v) => v / 255) };
}

/** Reads a PNG or JPEG file as planes [channels, height, width] of bytes, resized by areas, transparent pixels over white. */
export async function readImage(path: string, channels: number, height: number, width: number): Promise<Uint8Array> {
  if (channels !== 1 && channels !== 3)
    throw new UserError(`${path}: the network takes ${channels} channels, an image has 1 or 3`);
  const image = await read(path, channels);
  return Uint8Array.from(resizeByArea(image.data, { ...image, to: [height, width] }), Math.round);
}

async function read(path: string, channels: 1 | 3): Promise<DecodedImage> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new UserError(`${path}: ${because(cause)}; expected an image file`, { cause });
  });
  return decodeImage(new Uint8Array(bytes), { channels, name: path });
}

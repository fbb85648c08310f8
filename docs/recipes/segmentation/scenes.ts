import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column, Transform } from '@lemmata/data';
import { decodeImage, type DecodedImage } from '@lemmata/data/image';
import type { LabelledImages } from '@lemmata/data/node';
import { bits, foldIn, uniform53, type Key } from '@lemmata/random';

/** Rows and columns of a scene. */
export const SIDE = 128;
/** The background is 0, digit d is d + 1. */
export const CLASSES = 11;
/** A backdrop has at most so much of white, a digit at least so much. */
const [DARK, BRIGHT] = [0.5, 0.75];

export type Scenes = {
  /** [n, 1, SIDE, SIDE], 0 to 1. */
  readonly image: Column<Float32Array>;
  /** [n, SIDE, SIDE], the class of each pixel. */
  readonly mask: Column<Int32Array>;
};

/** Sheets of drawings, of which a part of the rows is used. */
export interface Backdrop {
  readonly sheets: readonly DecodedImage[];
  readonly from: number;
  readonly to: number;
}

/** Grey sheets of two vendors' emoji: the upper half to train on, the lower half to test. */
export async function backdrops(folder: string): Promise<{ train: Backdrop; test: Backdrop }> {
  const sheets: DecodedImage[] = [];
  for (const vendor of ['apple', 'facebook']) {
    const path = join(folder, 'img', vendor, 'sheets', '32.png');
    sheets.push(decodeImage(new Uint8Array(await readFile(path)), { name: path, channels: 1, background: 128 }));
  }
  const { height } = sheets[0]!;
  const half = Math.floor(height / 2);
  return { train: { sheets, from: 0, to: half }, test: { sheets, from: half, to: height } };
}

/**
 * Digits of 28×28, enlarged to 84 to 112 pixels a side, somewhere on a darkened backdrop, in some bright grey. All that is drawn depends on
 * the key, the epoch and the digit's index alone.
 */
export function scenes(key: Key, backdrop: Backdrop): Transform<LabelledImages, Scenes> {
  return ({ image: { data }, label }, { epoch, indices }) => {
    const n = indices.length;
    const image = new Float32Array(n * SIDE * SIDE);
    const mask = new Int32Array(n * SIDE * SIDE);
    indices.forEach((index, row) => {
      const words = bits(foldIn(foldIn(key, epoch), index), 14);
      const draw = (i: number, below: number): number =>
        Math.floor(uniform53(words[2 * i]!, words[2 * i + 1]!) * below);
      const sheet = backdrop.sheets[draw(0, backdrop.sheets.length)]!;
      const top = backdrop.from + draw(1, backdrop.to - backdrop.from - SIDE + 1);
      const left = draw(2, sheet.width - SIDE + 1);
      const size = 84 + draw(3, 29);
      const [y0, x0] = [draw(4, SIDE - size + 1), draw(5, SIDE - size + 1)];
      const ink = BRIGHT + ((1 - BRIGHT) * draw(6, 256)) / 255;
      for (let y = 0; y < SIDE; y++)
        for (let x = 0; x < SIDE; x++) {
          const at = (row * SIDE + y) * SIDE + x;
          const behind = (DARK * sheet.data[(top + y) * sheet.width + left + x]!) / 255;
          const inside = y >= y0 && x >= x0 && y < y0 + size && x < x0 + size;
          const cover = inside ? enlarged(data, row, (y - y0 + 0.5) * (28 / size), (x - x0 + 0.5) * (28 / size)) : 0;
          image[at] = behind * (1 - cover) + ink * cover;
          if (cover > 0.5) mask[at] = label.data[row]! + 1;
        }
    });
    return {
      image: { data: image, shape: [n, 1, SIDE, SIDE] },
      mask: { data: mask, shape: [n, SIDE, SIDE] },
    };
  };
}

/** A digit's brightness at a place in it, between the middles of its pixels, 0 to 1. */
function enlarged(data: Uint8Array, row: number, v: number, u: number): number {
  const [y, x] = [Math.floor(v - 0.5), Math.floor(u - 0.5)];
  const [fy, fx] = [v - 0.5 - y, u - 0.5 - x];
  const at = (r: number, c: number): number => (r < 0 || c < 0 || r > 27 || c > 27 ? 0 : data[row * 784 + r * 28 + c]!);
  const above = at(y, x) * (1 - fx) + at(y, x + 1) * fx;
  const below = at(y + 1, x) * (1 - fx) + at(y + 1, x + 1) * fx;
  return (above * (1 - fy) + below * fy) / 255;
}

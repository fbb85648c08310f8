import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { imageFolder, UserError, type ImageSet } from '@lemmata/cli';
import { decodeImage } from '@lemmata/data/image';
import type { LabelledImages } from '@lemmata/data/node';

interface Emoji {
  readonly category: string;
  /** Place in every vendor's sheet, in cells. */
  readonly sheet_x: number;
  readonly sheet_y: number;
  readonly has_img_google: boolean;
  readonly has_img_twitter: boolean;
}

/** The side of a drawing, and of its cell with a border of one pixel. */
const [SIDE, CELL] = [32, 34];

/** Where the npm package that carries the drawings is installed. */
export const emojiFolder = (): string =>
  dirname(createRequire(import.meta.url).resolve('emoji-datasource/package.json'));

/** Two networks are trained on them: what is read stays. */
const read = new Map<string, Promise<ImageSet>>();

/** Twitter's drawings to train on, Google's to test, on white; or another folder, of one folder of images a class. */
export function emoji(folder: string): Promise<ImageSet> {
  let images = read.get(folder);
  if (images === undefined) read.set(folder, (images = imagesIn(folder)));
  return images;
}

async function imagesIn(folder: string): Promise<ImageSet> {
  const listed = await access(join(folder, 'emoji.json')).then(
    () => true,
    () => false,
  );
  if (!listed) {
    const images = await imageFolder(folder, [3, SIDE, SIDE]);
    if (images === null)
      throw new UserError(
        `${folder}: no emoji.json as in the npm package emoji-datasource, and no folder of images a class`,
      );
    return images;
  }
  const all = JSON.parse(await readFile(join(folder, 'emoji.json'), 'utf8')) as Emoji[];
  // Five patches of skin and hair are parts, no emoji.
  const known = all.filter(({ category }) => category !== 'Component');
  const classes = [...new Set(known.map(({ category }) => category))].sort();
  const drawings = async (vendor: 'google' | 'twitter'): Promise<LabelledImages> => {
    const own = known.filter((each) => each[`has_img_${vendor}`]);
    const path = join(folder, 'img', vendor, 'sheets', '32.png');
    const sheet = decodeImage(new Uint8Array(await readFile(path)), { name: path });
    const data = new Uint8Array(own.length * 3 * SIDE * SIDE);
    own.forEach(({ sheet_x: column, sheet_y: row }, i) => {
      for (let c = 0; c < 3; c++)
        for (let y = 0; y < SIDE; y++) {
          const from = (c * sheet.height + row * CELL + 1 + y) * sheet.width + column * CELL + 1;
          data.set(sheet.data.subarray(from, from + SIDE), ((i * 3 + c) * SIDE + y) * SIDE);
        }
    });
    return {
      image: { data, shape: [own.length, 3, SIDE, SIDE] },
      label: { data: Int32Array.from(own, ({ category }) => classes.indexOf(category)), shape: [own.length] },
    };
  };
  return {
    train: await drawings('twitter'),
    test: await drawings('google'),
    classes,
    source: 'Emoji drawn by Twitter to train, by Google to test',
    licence: 'Twemoji, CC BY 4.0; Noto Emoji, Apache 2.0; from the npm package emoji-datasource',
  };
}

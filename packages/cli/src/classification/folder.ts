import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gather } from '@lemmata/data';
import { decodeImage } from '@lemmata/data/image';
import { loadImageFolder, type FolderImages, type LabelledImages } from '@lemmata/data/node';
import { UserError } from '../failure.js';
import type { ImageSet } from './images.js';

/**
 * A folder of images as a data set: `train/CLASS/…` and `test/CLASS/…`, or `CLASS/…` alone, of which every fifth image of a
 * class is then kept for the test. All images are made one shape.
 *
 * @returns null for a folder without folders in it.
 * @throws UserError where the two parts have other classes; DataError for classes without images and files that do not decode.
 */
export async function imageFolder(
  folder: string,
  shape: readonly [channels: 1 | 3, height: number, width: number],
): Promise<ImageSet | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  if (folders.length === 0) return null;
  const load = (path: string): Promise<FolderImages> => loadImageFolder(path, { decode: decodeImage, shape });
  const about = { source: basename(folder), licence: `the images in ${folder}` };
  if (folders.includes('train') && folders.includes('test')) {
    const [train, test] = [await load(join(folder, 'train')), await load(join(folder, 'test'))];
    if (train.classes.join('\n') !== test.classes.join('\n')) {
      throw new UserError(
        `${folder}: train has the classes ${train.classes.join(', ')}, test has ${test.classes.join(', ')}; they must be the same`,
      );
    }
    return { train: columnsOf(train), test: columnsOf(test), classes: train.classes, ...about };
  }
  const all = await load(folder);
  const seen = all.classes.map(() => 0);
  const places = Array.from(all.label.data, (label) => seen[label]!++);
  const part = (held: boolean): LabelledImages =>
    gather(columnsOf(all), Int32Array.from(places.flatMap((place, i) => ((place % 5 === 4) === held ? [i] : []))));
  return { train: part(false), test: part(true), classes: all.classes, ...about };
}

const columnsOf = ({ image, label }: FolderImages): LabelledImages => ({ image, label });

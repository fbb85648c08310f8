import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from './columns.js';
import { DataError } from './error.js';
import { type Idx, readIdx } from './idx.js';
import { checkLabels } from './labels.js';

/** Images with one class index each. */
export type LabelledImages = {
  /** `[n, 1, height, width]`. */
  readonly image: Column<Uint8Array>;
  /** `[n]`. */
  readonly label: Column<Int32Array>;
};

/** The two files of a set of labelled images. */
export interface IdxPair {
  readonly images: string;
  readonly labels: string;
}

/**
 * Reads a file of images and the file of their labels, both IDX, raw or gzipped.
 *
 * @throws DataError naming the file where one cannot be read or parsed, is not of unsigned bytes of rank 3 (images) or 1
 * (labels), or where the counts of images and labels differ.
 */
export async function loadIdxPair(images: string, labels: string): Promise<LabelledImages> {
  const [image, label] = await Promise.all([read(images, 3), read(labels, 1)]);
  const [count, height, width] = image.shape as [number, number, number];
  checkLabels(label.data, { count, name: `${labels}, for ${images}` });
  return {
    image: { data: image.data, shape: [count, 1, height, width] },
    label: { data: Int32Array.from(label.data), shape: [count] },
  };
}

async function read(path: string, rank: number): Promise<Extract<Idx, { dtype: 'uint8' }>> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new DataError({ source: path, received: cause.message, expected: 'a readable file' }, { cause });
  });
  const idx = await readIdx(bytes, { name: path });
  if (idx.dtype !== 'uint8' || idx.shape.length !== rank) {
    throw new DataError({
      source: path,
      received: `${idx.dtype} values of shape [${idx.shape.join(', ')}]`,
      expected: `uint8 values of rank ${rank}, ${rank === 3 ? 'images [n, height, width]' : 'labels [n]'}`,
    });
  }
  return idx;
}

/**
 * Finds the four files of MNIST, or of a dataset that uses its names, in `dir`: raw or `.gz`, named
 * `train-images-idx3-ubyte` or `train-images.idx3-ubyte`. Nothing is fetched.
 *
 * @throws DataError listing every missing file with the names that were looked for.
 */
export async function findMnist(dir: string): Promise<{ readonly train: IdxPair; readonly test: IdxPair }> {
  const missing: string[] = [];
  const find = async (part: string, kind: string, rank: number): Promise<string> => {
    const names = ['-', '.'].flatMap((dot) => ['', '.gz'].map((gz) => `${part}-${kind}${dot}idx${rank}-ubyte${gz}`));
    for (const name of names) {
      const path = join(dir, name);
      if (
        await access(path).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
    missing.push(`no ${part} ${kind} (looked for ${names.join(', ')})`);
    return '';
  };
  const pair = async (part: string): Promise<IdxPair> => ({
    images: await find(part, 'images', 3),
    labels: await find(part, 'labels', 1),
  });
  const found = { train: await pair('train'), test: await pair('t10k') };
  if (missing.length > 0) {
    throw new DataError({ source: dir, received: missing.join('; '), expected: 'the four files of MNIST' });
  }
  return found;
}

/** {@link findMnist} and {@link loadIdxPair} for both halves. */
export async function loadMnist(
  dir: string,
): Promise<{ readonly train: LabelledImages; readonly test: LabelledImages }> {
  const { train, test } = await findMnist(dir);
  return {
    train: await loadIdxPair(train.images, train.labels),
    test: await loadIdxPair(test.images, test.labels),
  };
}

export {
  byCodePoint,
  findImageFolder,
  findImages,
  foldersIn,
  type FolderImages,
  type ImageFolder,
  loadImageFolder,
  loadImages,
  type LoadFolderOptions,
} from './node/image-folder.js';

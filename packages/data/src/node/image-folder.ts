import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../columns.js';
import { DataError } from '../error.js';
import { checkKeys } from '../options.js';
import { resizeByArea } from '../resize.js';

/** Image files of a folder with one folder a class. */
export interface ImageFolder {
  /** Names of the class folders, in the order of their code points, which numbers the classes. */
  readonly classes: readonly string[];
  /** In the order of the classes, and of their names within one. */
  readonly files: readonly { readonly path: string; readonly label: number }[];
}

export interface LoadFolderOptions {
  /** Decodes a file: `decodeImage` of `@lemmata/data/image`, say. */
  readonly decode: (
    bytes: Uint8Array,
    options: { readonly name: string; readonly channels: 1 | 3 },
  ) => { readonly data: Uint8Array; readonly channels: number; readonly height: number; readonly width: number };
  /** What all images are made: resized by areas, grey or in colour. */
  readonly shape: readonly [channels: 1 | 3, height: number, width: number];
}

/** The images of a folder as arrays. */
export interface FolderImages {
  readonly classes: readonly string[];
  /** `[n, channels, height, width]`. */
  readonly image: Column<Uint8Array>;
  /** `[n]`. */
  readonly label: Column<Int32Array>;
}

/**
 * Finds the PNG and JPEG files in `dir/CLASS/…`, however deep below the class. Files and folders whose names begin with a dot, and
 * other files, are passed over.
 *
 * @throws DataError where there is no class folder, or a class without an image (all of them are listed).
 */
export async function findImageFolder(dir: string): Promise<ImageFolder> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: Error) => {
    throw new DataError(
      { source: dir, received: cause.message, expected: 'a folder with one folder a class' },
      { cause },
    );
  });
  const folders = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async ({ name }) => ((await stat(join(dir, name))).isDirectory() ? [name] : [])),
  );
  const classes = folders.flat().sort(byCodePoint);
  if (classes.length === 0)
    throw new DataError({ source: dir, received: 'no folder in it', expected: 'one folder of images a class' });
  const lists = await Promise.all(classes.map((name) => imagesIn(join(dir, name))));
  const empty = classes.filter((_, i) => lists[i]!.length === 0);
  if (empty.length > 0)
    throw new DataError({
      source: dir,
      received: `no PNG or JPEG file in ${empty.join(', ')}`,
      expected: 'images of every class',
    });
  return { classes, files: lists.flatMap((paths, label) => paths.map((path) => ({ path, label }))) };
}

/** {@link findImageFolder}, and all its images in memory. */
export async function loadImageFolder(dir: string, options: LoadFolderOptions): Promise<FolderImages> {
  checkKeys('loadImageFolder', options, ['decode', 'shape']);
  const { decode, shape } = options;
  const [channels, height, width] = shape;
  const { classes, files } = await findImageFolder(dir);
  const size = channels * height * width;
  const data = new Uint8Array(files.length * size);
  for (const [i, { path }] of files.entries()) {
    const image = decode(new Uint8Array(await readFile(path)), { name: path, channels });
    const same = image.height === height && image.width === width;
    const pixels = same ? image.data : resizeByArea(image.data, { ...image, to: [height, width] }).map(Math.round);
    data.set(pixels, i * size);
  }
  return {
    classes,
    image: { data, shape: [files.length, ...shape] },
    label: { data: Int32Array.from(files, ({ label }) => label), shape: [files.length] },
  };
}

async function imagesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  return names
    .filter((name) => /\.(png|jpe?g)$/i.test(name) && !name.split('/').some((part) => part.startsWith('.')))
    .sort(byCodePoint)
    .map((name) => join(folder, name));
}

/** JavaScript compares by UTF-16 units, which puts U+FFxx behind characters beyond U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

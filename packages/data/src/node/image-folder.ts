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
  const classes = await foldersIn(dir).catch((cause: Error) => {
    throw new DataError(
      { source: dir, received: cause.message, expected: 'a folder with one folder a class' },
      { cause },
    );
  });
  if (classes.length === 0)
    throw new DataError({ source: dir, received: 'no folder in it', expected: 'one folder of images a class' });
  const lists = await Promise.all(classes.map((name) => findImages(join(dir, name))));
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
  const { classes, files } = await findImageFolder(dir);
  return {
    classes,
    image: await loadImages(
      files.map(({ path }) => path),
      options,
    ),
    label: { data: Int32Array.from(files, ({ label }) => label), shape: [files.length] },
  };
}

/**
 * The PNG and JPEG files in a folder and the folders in it, whatever they show, in the order of their paths' code points. What
 * {@link findImageFolder} passes over is passed over here.
 *
 * @throws DataError where the folder cannot be read.
 */
export async function findImages(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true }).catch((cause: Error) => {
    throw new DataError({ source: dir, received: cause.message, expected: 'a folder of images' }, { cause });
  });
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(png|jpe?g)$/i.test(name) && !name.split('/').some((part) => part.startsWith('.')))
    .sort(byCodePoint)
    .map((name) => join(dir, name));
}

/**
 * These image files in memory, in one size: `[n, channels, height, width]`.
 *
 * @throws DataError naming a file that cannot be read or does not decode.
 */
export async function loadImages(paths: readonly string[], options: LoadFolderOptions): Promise<Column<Uint8Array>> {
  checkKeys('loadImages', options, ['decode', 'shape']);
  const { decode, shape } = options;
  const [channels, height, width] = shape;
  const size = channels * height * width;
  const data = new Uint8Array(paths.length * size);
  for (const [i, path] of paths.entries()) {
    const bytes = await readFile(path).catch((cause: Error) => {
      throw new DataError({ source: path, received: cause.message, expected: 'an image file' }, { cause });
    });
    const image = decode(new Uint8Array(bytes), { name: path, channels });
    if (image.channels !== channels)
      throw new DataError({
        source: path,
        received: `${image.channels} channels from decode`,
        expected: `${channels}, as it was asked for`,
      });
    const same = image.height === height && image.width === width;
    const pixels = same ? image.data : resizeByArea(image.data, { ...image, to: [height, width] }).map(Math.round);
    data.set(pixels, i * size);
  }
  return { data, shape: [paths.length, ...shape] };
}

/** Names of the folders in a folder, and of links to such; hidden ones are passed over. In the order of their code points. */
export async function foldersIn(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => !name.startsWith('.'));
  const kinds = await Promise.all(names.map((name) => stat(join(dir, name)).catch(() => null)));
  return names.filter((_, i) => kinds[i]?.isDirectory()).sort(byCodePoint);
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

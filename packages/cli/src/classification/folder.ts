import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeImage } from '@lemmata/data/image';
import { findImageFolder, findImages, foldersIn, loadImages, loadMnist, type LabelledImages } from '@lemmata/data/node';
import { because, UserError } from '../failure.js';
import type { ImageSet } from './images.js';

/** What all images are made. */
export type ImageShape = readonly [channels: 1 | 3, height: number, width: number];

const CLASSES = 'a folder of images for each class';

/** What the four files of a data set do not tell of it. */
export type Provenance = Pick<ImageSet, 'classes' | 'source' | 'licence' | 'drawn'>;

/** Images without labels, `[n, channels, height, width]`, and where they come from. */
export interface PlainImages extends Pick<ImageSet, 'source' | 'licence' | 'own'> {
  readonly train: LabelledImages['image'];
  readonly test: LabelledImages['image'];
}

/**
 * What a folder holds to learn classes from: a folder of images a class, see {@link imageFolder}, or else the four files of MNIST,
 * or of a data set with their names, of which `about` tells the rest.
 *
 * @throws UserError for a folder with neither, or with images of another shape; DataError for damaged files.
 */
export async function imageSet(folder: string, shape: ImageShape, about: Provenance): Promise<ImageSet> {
  const images = await imageFolder(folder, shape);
  return images ?? { ...(await fourFiles(folder, shape, CLASSES)), ...about, readAgain: true };
}

/**
 * A folder of images as a data set: `train/CLASS/…` and `test/CLASS/…` (or `val`), or `CLASS/…` alone, of which every fifth image of a
 * class is then kept for the test. All images are made one shape, and stand in turn: one of each class, then the next of each.
 *
 * @returns null for a folder without folders in it.
 * @throws UserError where the two parts have other classes; DataError for classes without images and files that do not decode.
 */
export async function imageFolder(folder: string, shape: ImageShape): Promise<ImageSet | null> {
  const found = await labelledFiles(folder);
  if (found === null) return null;
  const load = async (files: readonly LabelledFile[]): Promise<LabelledImages> => ({
    image: await decoded(
      files.map(({ path }) => path),
      shape,
    ),
    label: { data: Int32Array.from(files, ({ label }) => label), shape: [files.length] },
  });
  const { train, test, classes } = found;
  return { train: await load(train), test: await load(test), classes, ...provenance(folder), readAgain: true };
}

/**
 * Image `index` of the test set that {@link imageSet} makes of a folder; of a folder of images no other is decoded.
 *
 * @throws UserError for other classes than these, and for an image that is not there.
 */
export async function testImageOf(
  folder: string,
  shape: ImageShape,
  classes: readonly string[],
  index: number,
): Promise<{ readonly image: LabelledImages['image']; readonly place: number; readonly label: number }> {
  const inside = (count: number): void => {
    if (index >= count)
      throw new UserError(`--test: there are ${count} test images, 0 to ${count - 1}; received ${index}`);
  };
  const found = await labelledFiles(folder);
  if (found === null) {
    const { test } = await fourFiles(folder, shape, CLASSES);
    inside(test.label.data.length);
    return { image: test.image, place: index, label: test.label.data[index]! };
  }
  sameClasses(folder, 'the network', classes, 'the folder', found.classes);
  inside(found.test.length);
  const { path, label } = found.test[index]!;
  return { image: await decoded([path], shape), place: 0, label };
}

/**
 * What a folder holds to learn from without labels: images, however deep, of which every fifth is kept for the test, unless there are
 * folders `train` and `test` (or `val`); or else the four files of MNIST, or of a data set with their names, of which `about` tells the rest.
 *
 * @throws UserError for a folder with neither, with too few images, or with images of another shape; DataError for damaged files.
 */
export async function plainImages(
  folder: string,
  shape: ImageShape,
  about: Pick<Provenance, 'source' | 'licence'>,
): Promise<PlainImages> {
  const parts = await partsOf(folder);
  const paths = await findImages(folder).catch((): string[] => []);
  if (paths.length === 0) {
    const { train, test } = await fourFiles(folder, shape, 'images');
    return { train: train.image, test: test.image, ...about };
  }
  const [train, test] =
    parts === null ? everyFifth(paths, () => 0) : [await findImages(parts.train), await findImages(parts.test)];
  if (train.length < 2 || test.length < 2)
    throw new UserError(
      `${folder}: ${train.length} images to train on and ${test.length} to test; expected at least two of each`,
    );
  return {
    train: await decoded(inTurn(train, dirname), shape),
    test: await decoded(inTurn(test, dirname), shape),
    ...provenance(folder),
  };
}

interface LabelledFile {
  readonly path: string;
  readonly label: number;
}

const labelOf = ({ label }: LabelledFile): number => label;

/** The files of {@link imageFolder}, classes in turn. */
async function labelledFiles(
  folder: string,
): Promise<{ train: readonly LabelledFile[]; test: readonly LabelledFile[]; classes: readonly string[] } | null> {
  if ((await foldersIn(folder).catch((): string[] => [])).length === 0) return null;
  const parts = await partsOf(folder);
  if (parts === null) {
    const { classes, files } = await findImageFolder(folder);
    // A class of trains has its images in its folder, not in folders of it.
    const half = classes.find((name) => /^train(ing)?$/i.test(name));
    if (half !== undefined && !files.some(({ path }) => dirname(path) === join(folder, half)))
      throw new UserError(
        `${folder}: received folders of images in ${half}, beside ${classes.filter((name) => name !== half).join(', ') || 'nothing'}; expected train and test, or train and val, or a folder of images for each class`,
      );
    several(folder, classes);
    const [train, test] = everyFifth(files, labelOf);
    if (test.length === 0)
      throw new UserError(
        `${folder}: no class has five images, of which one would be kept for the test; add images, or a folder test`,
      );
    return { train: inTurn(train, labelOf), test: inTurn(test, labelOf), classes };
  }
  const [train, test] = [await findImageFolder(parts.train), await findImageFolder(parts.test)];
  sameClasses(folder, 'train', train.classes, basename(parts.test), test.classes);
  several(folder, train.classes);
  return { train: inTurn(train.files, labelOf), test: inTurn(test.files, labelOf), classes: train.classes };
}

/** The folders `train` and `test`, or `val`, of a folder; null where it has no such two. */
async function partsOf(folder: string): Promise<{ readonly train: string; readonly test: string } | null> {
  const folders = await foldersIn(folder).catch((): string[] => []);
  const test = ['test', 'val'].find((name) => folders.includes(name));
  return test === undefined || !folders.includes('train')
    ? null
    : { train: join(folder, 'train'), test: join(folder, test) };
}

/** Each with its place in its group. */
function placed<T, G>(all: readonly T[], group: (one: T) => G): { readonly one: T; readonly place: number }[] {
  const seen = new Map<G, number>();
  return all.map((one) => {
    const place = seen.get(group(one)) ?? 0;
    seen.set(group(one), place + 1);
    return { one, place };
  });
}

/** All but every fifth of a group, and these. */
function everyFifth<T>(all: readonly T[], group: (one: T) => unknown): [rest: T[], fifths: T[]] {
  const part = (held: boolean): T[] =>
    placed(all, group).flatMap(({ one, place }) => ((place % 5 === 4) === held ? [one] : []));
  return [part(false), part(true)];
}

/** The first of each group, then the second of each: a slice from the front, such as that of a quick run, has some of all. */
function inTurn<T>(all: readonly T[], group: (one: T) => unknown): T[] {
  return placed(all, group)
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

/** Of one class alone everything is right, and nothing learnt. */
function several(folder: string, classes: readonly string[]): void {
  if (classes.length < 2)
    throw new UserError(
      `${folder}: received images of one class, ${classes[0]}; expected a folder of images for each of at least two`,
    );
}

function sameClasses(folder: string, a: string, of: readonly string[], b: string, beside: readonly string[]): void {
  if (of.join('\n') !== beside.join('\n'))
    throw new UserError(
      `${folder}: ${a} has the classes ${of.join(', ')}, ${b} has ${beside.join(', ')}; they must be the same`,
    );
}

const provenance = (folder: string): Pick<ImageSet, 'source' | 'licence' | 'own'> => ({
  source: basename(folder),
  licence: `the images in ${folder}`,
  own: true,
});

const decoded = (paths: readonly string[], shape: ImageShape): Promise<LabelledImages['image']> =>
  loadImages(paths, { decode: decodeImage, shape });

/** The four files of MNIST, or of a data set with their names. */
async function fourFiles(
  folder: string,
  shape: ImageShape,
  instead: string,
): Promise<{ readonly train: LabelledImages; readonly test: LabelledImages }> {
  const expected = `expected the four files of MNIST (train-images-idx3-ubyte, …), or ${instead}`;
  const names = await readdir(folder).catch((cause: Error) => {
    throw new UserError(`${folder}: ${because(cause)}; ${expected}`, { cause });
  });
  // With some of them there, those that are missing are told.
  if (!names.some((name) => /^(train|t10k)-(images|labels)/.test(name)))
    throw new UserError(`${folder}: nothing to learn from in it; ${expected}`);
  const halves = await loadMnist(folder);
  const [own, wanted] = [halves.train.image.shape.slice(1).join('×'), shape.join('×')];
  if (own !== wanted) throw new UserError(`${folder}: its images are ${own}; expected ${wanted}`);
  return halves;
}

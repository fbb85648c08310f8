import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encode as encodePng } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageFolder } from './folder.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lemmata-folder-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Five images in each of these folders. */
async function images(...places: string[]): Promise<void> {
  const image = encodePng({ width: 1, height: 1, data: Uint8Array.of(9), channels: 1, depth: 8 });
  for (const path of places.flatMap((place) => [1, 2, 3, 4, 5].map((i) => join(folder, place, `${i}.png`)))) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, image);
  }
}

test.each([
  ['alone/train', 'received folders of images in train, beside nothing; expected train and test, or train and val'],
  ['valid/train valid/validation', 'received folders of images in train, beside validation; expected train and test'],
  ['kaggle/Testing kaggle/Training', 'received folders of images in Training, beside Testing; expected train and test'],
])('halves that are not called train and test are not taken for classes: %s', async (places, message) => {
  const halves = places.split(' ');
  await images(...halves.flatMap((half) => [`${half}/cat`, `${half}/dog`]));
  await expect(imageFolder(join(folder, dirname(halves[0]!)), [1, 1, 1])).rejects.toThrow(message);
});

test('trains may be a class', async () => {
  await images('vehicles/car', 'vehicles/train');
  expect((await imageFolder(join(folder, 'vehicles'), [1, 1, 1]))!.classes).toEqual(['car', 'train']);
});

test.each(['one/only', 'parted/train/only parted/test/only'])('one class is nothing to learn: %s', async (places) => {
  await images(...places.split(' '));
  await expect(imageFolder(join(folder, places.split('/')[0]!), [1, 1, 1])).rejects.toThrow(
    'received images of one class, only; expected a folder of images for each of at least two',
  );
});

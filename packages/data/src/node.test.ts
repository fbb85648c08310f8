import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeIdx } from './idx.js';
import { findMnist, loadIdxPair, loadMnist } from './node.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const images = (n: number): Uint8Array =>
  writeIdx({ dtype: 'uint8', shape: [n, 2, 3], data: Uint8Array.from({ length: 6 * n }, (_, i) => i) });
const labels = (n: number): Uint8Array =>
  writeIdx({ dtype: 'uint8', shape: [n], data: Uint8Array.from({ length: n }, (_, i) => i) });

async function put(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

test('images gain a channel axis and labels become int32, from raw and gzipped files', async () => {
  const pair = await loadIdxPair(await put('i', images(2)), await put('l.gz', gzipSync(labels(2))));
  expect(pair).toEqual({
    image: { data: Uint8Array.from({ length: 12 }, (_, i) => i), shape: [2, 1, 2, 3] },
    label: { data: Int32Array.of(0, 1), shape: [2] },
  });
});

test('counts that differ, wrong ranks and unreadable files name the files', async () => {
  const [i, l] = [await put('i', images(2)), await put('l', labels(3))];
  await expect(loadIdxPair(i, l)).rejects.toThrow(
    `${l}, for ${i}: received 3 labels for 2 samples; expected one label a sample. The samples and the labels may come from different files`,
  );
  await expect(loadIdxPair(l, l)).rejects.toThrow(
    `${l}: received uint8 values of shape [3]; expected uint8 values of rank 3, images [n, height, width]`,
  );
  await expect(loadIdxPair(i, i)).rejects.toThrow('expected uint8 values of rank 1, labels [n]');
  const none = join(folder, 'none');
  await expect(loadIdxPair(none, l)).rejects.toThrow(`${none}: received ENOENT: no such file or directory`);
});

test('MNIST is found under any of its names', async () => {
  await put('train-images-idx3-ubyte.gz', gzipSync(images(3)));
  await put('train-labels.idx1-ubyte', labels(3));
  await put('t10k-images.idx3-ubyte.gz', gzipSync(images(1)));
  await put('t10k-labels-idx1-ubyte', labels(1));
  expect(await findMnist(folder)).toEqual({
    train: { images: join(folder, 'train-images-idx3-ubyte.gz'), labels: join(folder, 'train-labels.idx1-ubyte') },
    test: { images: join(folder, 't10k-images.idx3-ubyte.gz'), labels: join(folder, 't10k-labels-idx1-ubyte') },
  });
  const { train, test } = await loadMnist(folder);
  expect([train.image.shape, test.image.shape, train.label.shape]).toEqual([[3, 1, 2, 3], [1, 1, 2, 3], [3]]);
});

test('every missing file is listed with the names looked for', async () => {
  await put('train-images-idx3-ubyte', images(3));
  await put('t10k-labels-idx1-ubyte', labels(1));
  await expect(findMnist(folder)).rejects.toThrow(
    `${folder}: received no train labels (looked for train-labels-idx1-ubyte, train-labels-idx1-ubyte.gz, ` +
      'train-labels.idx1-ubyte, train-labels.idx1-ubyte.gz); no t10k images (looked for t10k-images-idx3-ubyte, ' +
      't10k-images-idx3-ubyte.gz, t10k-images.idx3-ubyte, t10k-images.idx3-ubyte.gz); expected the four files of MNIST',
  );
});

import { key } from '@lemmata/random';
import { expect, test } from 'vitest';
import {
  affine,
  colorJitter,
  cutout,
  horizontalFlip,
  type Image,
  mixup,
  pad,
  randomAffine,
  randomCrop,
  randomRotation,
  verticalFlip,
} from './augment/index.js';
import { readCifar10, readCifar100 } from './cifar.js';
import { arrayDataset } from './dataset.js';
import { readIdx } from './idx.js';
import { decodeImage } from './image.js';
import { checkLabels } from './labels.js';
import { loader } from './loader.js';
import { loadImageFolder, loadImages } from './node.js';
import { checkKeys } from './options.js';
import { streamLoader } from './stream.js';
import { normalize } from './transform.js';

const bytes = new Uint8Array(0);
const set = arrayDataset({ x: { data: Int32Array.of(1), shape: [1] } });
const image: Image = { data: bytes, channels: 1, height: 0, width: 0 };
const load = loader(set, { batchSize: 1, shuffle: false });
const stream = streamLoader({ open: () => [] }, { batchSize: 1, shuffle: false });

test.each<[string, (options: any) => unknown, string]>([
  ['readIdx', (o) => readIdx(bytes, o), 'name'],
  ['readCifar10', (o) => readCifar10(bytes, o), 'name'],
  ['readCifar100', (o) => readCifar100(bytes, o), 'name'],
  ['decodeImage', (o) => decodeImage(bytes, o), 'channels, background, name'],
  ['loadImageFolder', (o) => loadImageFolder('', o), 'decode, shape'],
  ['loadImages', (o) => loadImages([], o), 'decode, shape'],
  ['checkLabels', (o) => checkLabels([], o), 'classes, count, name'],
  ['normalize', (o) => normalize('x', o), 'mean, std, scale, axis'],
  ['loader', (o) => loader(set, o), 'batchSize, shuffle, dropLast, transform'],
  ['loader.epoch', (o) => load.epoch(0, o), 'from'],
  ['streamLoader', (o) => streamLoader({ open: () => [] }, o), 'batchSize, shuffle, dropLast, transform'],
  ['streamLoader, shuffle', (o) => streamLoader({ open: () => [] }, { batchSize: 1, shuffle: o }), 'key, buffer'],
  ['streamLoader.epoch', (o) => stream.epoch(0, o), 'from'],
  ['horizontalFlip', (o) => horizontalFlip(o), 'p'],
  ['verticalFlip', (o) => verticalFlip(o), 'p'],
  ['pad', (o) => pad(1, o), 'mode, fill'],
  ['randomCrop', (o) => randomCrop(1, o), 'mode, fill, padding'],
  ['cutout', (o) => cutout(o), 'size, count, fill'],
  ['colorJitter', (o) => colorJitter(o), 'brightness, contrast, saturation, hue'],
  ['randomAffine', (o) => randomAffine(o), 'degrees, translate, scale, shear, interpolation, fill'],
  ['randomRotation', (o) => randomRotation(1, o), 'interpolation, fill'],
  ['affine', (o) => affine(image, o), 'degrees, translate, scale, shear'],
  ['affine', (o) => affine(image, {}, o), 'interpolation, fill'],
  ['mixup', (o) => mixup(set, ['x', 'x'], key(0), o), 'alpha, classes'],
])('%s refuses an unknown option, and says what it takes', async (op, make, known) => {
  await expect((async () => make({ colour: 1 }))()).rejects.toThrow(
    new TypeError(`${op}: received unknown option 'colour'; expected one of ${known}`),
  );
});

test.each([
  [null, 'null'],
  [5, '5'],
  ['x', 'x'],
  [[1, 2], '[1,2]'],
])('options that are %j are none', (options, shown) => {
  expect(() => checkKeys('op', options as never, ['a', 'b'])).toThrow(
    new TypeError(`op: received options ${shown}; expected an object with any of a, b`),
  );
});

test.each<[string, (bytes: any) => unknown]>([
  ['readIdx', (b) => readIdx(b)],
  ['readCifar10', (b) => readCifar10(b)],
  ['readCifar100', (b) => readCifar100(b)],
  ['decodeImage', (b) => decodeImage(b)],
])('%s wants bytes, not their buffer', async (op, read) => {
  await expect((async () => read(new ArrayBuffer(4)))()).rejects.toThrow(
    new TypeError(`${op}: received bytes of type ArrayBuffer; expected a Uint8Array. Give new Uint8Array(buffer)`),
  );
  await expect((async () => read(undefined))()).rejects.toThrow(
    new TypeError(`${op}: received bytes of type Undefined; expected a Uint8Array`),
  );
});

test('a stream of no length that is a count, and keys of no int32 words', () => {
  for (const length of [NaN, 1.5, -1])
    expect(() => streamLoader({ length, open: () => [] }, { batchSize: 1, shuffle: false })).toThrow(
      `streamLoader: received length = ${length}; expected an integer of at least 0`,
    );
  for (const word of [NaN, 0.5, 2 ** 32, '1'])
    expect(() => loader(set, { batchSize: 1, shuffle: [0, word] as never })).toThrow(
      `loader: received shuffle = 0,${word}; expected false or a key`,
    );
});

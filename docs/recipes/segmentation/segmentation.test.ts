import { unet } from '@lemmata/architectures/unet';
import { valueAndGrad } from '@lemmata/autograd';
import { key } from '@lemmata/random';
import { key as keyTensor, randomUniform, tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import { expect, test } from 'vitest';
import { emojiFolder } from '../emoji/drawings.js';
import { coarseLoss, initCoarseHeads } from './deep-supervision.js';
import { digitColours, overlaid } from './overlay.js';
import { type Backdrop, backdrops, CLASSES, scenes, SIDE } from './scenes.js';

/** A bright square of 14 pixels in the middle of 28×28. */
const square = Uint8Array.from({ length: 784 }, (_, i) => {
  const [y, x] = [Math.floor(i / 28), i % 28];
  return y >= 7 && y < 21 && x >= 7 && x < 21 ? 255 : 0;
});
const digits = (labels: number[]) => ({
  image: { data: Uint8Array.from(labels.flatMap(() => [...square])), shape: [labels.length, 1, 28, 28] },
  label: { data: Int32Array.from(labels), shape: [labels.length] },
});
const grey: Backdrop = {
  sheets: [{ data: new Uint8Array(300 * 300).fill(102), channels: 1, height: 300, width: 300 }],
  from: 0,
  to: 300,
};

test('a digit covers its share of the scene, in one grey, and the mask says where and which', () => {
  const { image, mask } = scenes(key(1), grey)(digits([3]), { epoch: 0, step: 0, indices: Int32Array.of(5) });
  expect(mask.shape).toEqual([1, SIDE, SIDE]);
  const inside = mask.data.filter((c) => c === 4).length;
  expect(new Set(mask.data)).toEqual(new Set([0, 4]));
  // Half of 84 to 112 pixels a side, squared, and the blur at the edge.
  expect(inside).toBeGreaterThanOrEqual(40 ** 2);
  expect(inside).toBeLessThanOrEqual(58 ** 2);
  const middle = Array.from(image.data).filter((_, i) => mask.data[i] === 4);
  const common = middle.toSorted((a, b) => a - b)[middle.length >> 1]!;
  expect(middle.filter((v) => Math.abs(v - common) < 1e-6).length / inside).toBeGreaterThan(0.85);
  expect(Array.from(image.data).filter((v) => Math.abs(v - 0.2) < 1e-6).length).toBeGreaterThan(SIDE * SIDE - 62 ** 2);
});

test('D2: a scene depends on key, epoch and index alone', () => {
  const make = scenes(key(1), grey);
  const at = (epoch: number, indices: number[]) =>
    make(digits(indices.map((i) => i % 10)), { epoch, step: 0, indices: Int32Array.from(indices) }).image.data;
  const size = SIDE * SIDE;
  expect(at(0, [9, 7]).subarray(size)).toEqual(at(0, [7]));
  expect(at(1, [7])).not.toEqual(at(0, [7]));
});

test('train and test see different halves of the sheets', async () => {
  const { train, test: held } = await backdrops(emojiFolder());
  expect(train.to).toBeLessThanOrEqual(held.from);
  expect(train.to - train.from).toBeGreaterThan(SIDE);
  expect(held.to).toBe(held.sheets[0]!.height);
});

test('the coarse levels of a U-Net are asked for the class in the middle of each place, and the finest for nothing', () => {
  const net = unet({ classes: CLASSES, depth: 2, width: 2, batchNorm: true });
  const { params, state } = net.init(keyTensor(0), [1, 8, 8]);
  const image = randomUniform(keyTensor(1), [2, 1, 8, 8]);
  // Classes 4 and 9 at a middle of both coarse levels, class 7 where neither looks.
  const classes = new Int32Array(2 * 64);
  const at = (n: number, row: number, column: number): number => (n * 8 + row) * 8 + column;
  [classes[at(0, 6, 2)], classes[at(1, 2, 2)], classes[at(0, 6, 3)]] = [4, 9, 7];
  // The level of 4 × 4 places looks at odd rows and columns.
  [classes[at(0, 5, 3)], classes[at(1, 7, 7)]] = [4, 9];
  const mask = tensor(classes, { shape: [2, 8, 8] });
  const both = { net: params, coarse: initCoarseHeads(keyTensor(2), 2, 2) };
  // Of the digits alone, so that each one that is seen is pulled up and all others down.
  const weight = tensor(Array.from({ length: CLASSES }, (_, c) => (c === 0 ? 0 : 1)));
  const { value, grads } = valueAndGrad((p: any) => coarseLoss(net, p, state, image, mask, weight))(both);
  expect(value.item()).toBeGreaterThan(0);
  const { net: inside, coarse } = grads as any;
  for (const level of ['bottleneck', 'dec2']) {
    const bias = Array.from(coarse[level].bias.dataSync() as Float32Array);
    expect(
      bias.flatMap((g, c) => (g < 0 ? [c] : [])),
      level,
    ).toEqual([4, 9]);
  }
  const moved = (tree: any): boolean => leaves<any>(tree).some((t: any) => t.dataSync().some((g: number) => g !== 0));
  expect(['enc1', 'enc2', 'bottleneck', 'up2', 'dec2'].filter((name) => !moved(inside[name]))).toEqual([]);
  expect(['up1', 'dec1', 'head'].filter((name) => moved(inside[name]))).toEqual([]);
});

test('an overlay colours the pixels of digits alone', () => {
  const out = overlaid(
    new Float32Array(SIDE * SIDE).fill(0.5),
    Int32Array.from({ length: SIDE * SIDE }, (_, i) => (i === 0 ? 1 : 0)),
  );
  const size = SIDE * SIDE;
  expect([out[1], out[size + 1], out[2 * size + 1]]).toEqual([128, 128, 128]);
  expect([out[0], out[size], out[2 * size]]).toEqual([194, 61, 93]);
});

test('the legend has the ten digits in the colours of overlays', () => {
  const size = SIDE * SIDE;
  const classes = Int32Array.from({ length: size }, (_, i) => Math.min(i, 10));
  const white = overlaid(new Float32Array(size).fill(1), classes);
  const legend = [...digitColours().matchAll(/rgb\((\d+),(\d+),(\d+)\)"><\/span> (\d)/g)];
  expect(legend.map(([, , , , digit]) => digit).join('')).toBe('0123456789');
  legend.forEach(([, ...rgb], digit) =>
    [0, 1, 2].forEach((c) => expect(white[c * size + digit + 1]).toBe(Math.round(0.35 * 255 + 0.65 * Number(rgb[c])))),
  );
});

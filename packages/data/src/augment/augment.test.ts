import { foldIn, key, type Key } from '@lemmata/random';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayDataset } from '../dataset.js';
import { loader } from '../loader.js';
import { beta } from './mixup.js';
import {
  affine,
  augment,
  chain,
  centerCrop,
  colorJitter,
  cutout,
  horizontalFlip,
  type Image,
  type ImageChange,
  mixup,
  pad,
  randomAffine,
  randomCrop,
  randomRotation,
  verticalFlip,
} from './index.js';

const grey = (rows: number[][]): Image<Float32Array> => ({
  data: Float32Array.from(rows.flat()),
  channels: 1,
  height: rows.length,
  width: rows[0]!.length,
});
const rows = ({ data, height, width, channels }: Image): number[][] =>
  Array.from({ length: height * channels }, (_, y) => Array.from(data.subarray(y * width, (y + 1) * width)));
const K = key(7);

/** n images of 3×6×5, each value its own. */
const numbered = (n: number) =>
  arrayDataset({
    image: { data: Uint8Array.from({ length: n * 90 }, (_, i) => (i * 31) % 251), shape: [n, 3, 6, 5] },
    label: { data: Int32Array.from({ length: n }, (_, i) => i % 4), shape: [n] },
  });

const EVERY: Record<string, ImageChange> = {
  pad: pad([1, 0, 2, 3], { mode: 'edge' }),
  horizontalFlip: horizontalFlip(),
  verticalFlip: verticalFlip(),
  centerCrop: centerCrop([4, 3]),
  randomCrop: randomCrop([6, 5], { padding: 2, mode: 'reflect' }),
  cutout: cutout({ size: 3 }),
  randomAffine: randomAffine({ degrees: 30, translate: [0.2, 0.1], scale: [0.8, 1.2], shear: 10 }),
  randomRotation: randomRotation(20, { interpolation: 'nearest' }),
  colorJitter: colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
};
const DRAWN = [
  'horizontalFlip',
  'verticalFlip',
  'randomCrop',
  'cutout',
  'randomAffine',
  'randomRotation',
  'colorJitter',
];

describe('D2: what a sample becomes depends on the key, the epoch and its index alone', () => {
  /** Every sample of an epoch by its index, however it was batched. */
  const epochOf = (change: ImageChange, seed: number, epoch: number, batchSize: number, shuffle: Key | false) => {
    const set = numbered(12);
    const transform = augment<{ image: any; label: any }>('image', key(seed), [change]);
    const samples: string[] = [];
    const load = loader(set, {
      batchSize,
      shuffle,
      transform: (batch, place) => ({
        ...transform(batch, place),
        index: { data: place.indices, shape: [place.indices.length] },
      }),
    });
    for (const { image, index } of load.epoch(epoch)) {
      const size = image.data.length / image.shape[0];
      (index.data as Int32Array).forEach(
        (at, row) => (samples[at] = image.data.slice(row * size, (row + 1) * size).join()),
      );
    }
    return samples;
  };

  test.each(Object.entries(EVERY))('%s', (name, change) => {
    const plain = epochOf(change, 1, 3, 12, false);
    expect(epochOf(change, 1, 3, 5, key(9))).toEqual(plain);
    if (!DRAWN.includes(name)) return;
    expect(epochOf(change, 1, 4, 12, false)).not.toEqual(plain);
    expect(epochOf(change, 2, 3, 12, false)).not.toEqual(plain);
  });

  test('a batch is left as it was, and each place in a chain of changes draws for itself', () => {
    const set = numbered(8);
    const indices = Int32Array.from({ length: 8 }, (_, i) => i);
    const batch = set.batch(indices);
    const before = batch.image.data.slice();
    const flips = augment<typeof batch>('image', K, [horizontalFlip(), horizontalFlip()]);
    const out = flips(batch, { epoch: 0, step: 0, indices });
    expect(batch.image.data).toEqual(before);
    // Were both drawn alike, each would undo the other.
    expect(out.image.data).not.toEqual(before);
    expect(out.label).toBe(batch.label);
  });

  test('an image and its mask are turned and cut alike', () => {
    const set = numbered(8);
    const indices = Int32Array.from({ length: 8 }, (_, i) => i);
    const { image } = set.batch(indices);
    const both = { image, mask: image };
    const change = [randomCrop(4), horizontalFlip(), randomRotation(30)];
    const out = augment<typeof both>(['image', 'mask'], K, change)(both, { epoch: 2, step: 0, indices });
    expect(out.image.shape).toEqual([8, 3, 4, 4]);
    expect(out.mask).toEqual(out.image);
  });
});

describe('by hand', () => {
  const three = grey([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);

  test('flips, always or never', () => {
    expect(rows(horizontalFlip({ p: 1 })(three, K))).toEqual([
      [3, 2, 1],
      [6, 5, 4],
      [9, 8, 7],
    ]);
    expect(rows(verticalFlip({ p: 1 })(three, K))).toEqual([
      [7, 8, 9],
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(horizontalFlip({ p: 0 })(three, K)).toBe(three);
  });

  test('flips happen as often as asked', () => {
    const times = Array.from({ length: 4000 }, (_, i) => horizontalFlip({ p: 0.25 })(three, foldIn(K, i)) !== three);
    expect(times.filter(Boolean).length / 4000).toBeCloseTo(0.25, 1);
  });

  test('padding: a constant, the edge, a mirror', () => {
    const two = grey([
      [1, 2],
      [3, 4],
    ]);
    expect(rows(pad([0, 1, 1, 0], { fill: 9 })(two, K))).toEqual([
      [1, 2, 9],
      [3, 4, 9],
      [9, 9, 9],
    ]);
    expect(rows(pad(1, { mode: 'edge' })(two, K))).toEqual([
      [1, 1, 2, 2],
      [1, 1, 2, 2],
      [3, 3, 4, 4],
      [3, 3, 4, 4],
    ]);
    expect(rows(pad([0, 2, 0, 2], { mode: 'reflect' })(three, K))[0]).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(() => pad(3, { mode: 'reflect' })(three, K)).toThrow(
      'pad: reflection reaches at most size − 1 = 2 beyond an axis of 3, received 3',
    );
  });

  test('crops: the middle, and every place equally often', () => {
    expect(rows(centerCrop(1)(three, K))).toEqual([[5]]);
    expect(rows(centerCrop([2, 3])(three, K))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const seen = new Map<number, number>();
    for (let i = 0; i < 4000; i++) {
      const [[first]] = rows(randomCrop(2)(three, foldIn(K, i))) as [[number]];
      seen.set(first, (seen.get(first) ?? 0) + 1);
    }
    expect([...seen.keys()].toSorted()).toEqual([1, 2, 4, 5]);
    for (const count of seen.values()) expect(count / 4000).toBeCloseTo(0.25, 1);
    expect(() => centerCrop(4)(three, K)).toThrow('centerCrop: a window of 4×4 does not fit into an image of 3×3');
  });

  test('a quarter turn, counter-clockwise; a shift; twice as large', () => {
    expect(rows(affine(three, { degrees: 90 }))).toEqual([
      [3, 6, 9],
      [2, 5, 8],
      [1, 4, 7],
    ]);
    expect(rows(affine(three, { translate: [1 / 3, 0] }, { fill: -1 }))).toEqual([
      [-1, 1, 2],
      [-1, 4, 5],
      [-1, 7, 8],
    ]);
    const two = grey([
      [0, 4],
      [8, 12],
    ]);
    // The four middles of the enlarged pixels lie a quarter from the centre.
    expect(rows(affine(two, { scale: 2 }))).toEqual([
      [3, 5],
      [7, 9],
    ]);
  });

  test('shear slides the upper rows to the right', () => {
    const wide = grey([
      [0, 0, 1, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 0, 1, 0, 0],
    ]);
    expect(rows(affine(wide, { shear: 45 }))).toEqual([
      [0, 0, 0, 1, 0],
      [0, 0, 1, 0, 0],
      [0, 1, 0, 0, 0],
    ]);
  });

  test('cutout fills a square, which may reach beyond the edge', () => {
    const ones: Image = { data: new Float32Array(2 * 64).fill(1), channels: 2, height: 8, width: 8 };
    const hidden = (i: number): number =>
      cutout({ size: 3, fill: [0, 0] })(ones, foldIn(K, i)).data.filter((v) => v === 0).length;
    const counts = Array.from({ length: 300 }, (_, i) => hidden(i));
    expect(Math.max(...counts)).toBe(18);
    expect(Math.min(...counts)).toBe(2 * 4);
    expect(() => cutout({ size: 3, fill: [1, 2, 3] })(ones, K)).toThrow(
      'cutout: received 3 fills for 2 channels; expected one, or one for each',
    );
  });

  test('brightness, contrast and saturation', () => {
    const pixel: Image = { data: Uint8Array.of(100, 200, 50), channels: 3, height: 1, width: 1 };
    expect([...colorJitter({ brightness: [1.5, 1.5] })(pixel, K).data]).toEqual([150, 255, 75]);
    const y = 0.299 * 100 + 0.587 * 200 + 0.114 * 50;
    expect([...colorJitter({ saturation: [0, 0] })(pixel, K).data]).toEqual(Array(3).fill(Math.round(y)));
    const two: Image = { data: Float32Array.of(0.2, 0.6), channels: 1, height: 1, width: 2 };
    const [a, b] = colorJitter({ contrast: [0.5, 0.5] })(two, K).data;
    expect([a, b]).toEqual([expect.closeTo(0.3, 6), expect.closeTo(0.5, 6)]);
    expect(() => colorJitter({ hue: 0.1 })(two, K)).toThrow(
      'colorJitter: saturation and hue need 3 channels, received 1',
    );
  });

  test('hue keeps the luma, a whole turn in thirds returns, grey stays grey', () => {
    const pixel: Image = { data: Float32Array.of(0.5, 0.4, 0.45), channels: 3, height: 1, width: 1 };
    const luma = ({ data }: Image): number => 0.299 * data[0]! + 0.587 * data[1]! + 0.114 * data[2]!;
    const third = colorJitter({ hue: [1 / 3, 1 / 3] });
    let turned = pixel;
    for (let i = 0; i < 3; i++) {
      turned = third(turned, K);
      expect(luma(turned)).toBeCloseTo(luma(pixel), 2);
      if (i < 2) expect(Math.abs(turned.data[0]! - 0.5)).toBeGreaterThan(0.01);
    }
    turned.data.forEach((v, i) => expect(v).toBeCloseTo(pixel.data[i]!, 2));
    const even: Image = { data: Uint8Array.of(90, 90, 90), channels: 3, height: 1, width: 1 };
    expect([...colorJitter({ hue: [0.3, 0.3] })(even, K).data]).toEqual([90, 90, 90]);
  });

  test('bytes are rounded and stay bytes', () => {
    const bytes: Image = { data: Uint8Array.of(0, 255, 10, 13), channels: 1, height: 2, width: 2 };
    const { data } = affine(bytes, { scale: 2 });
    expect(data).toBeInstanceOf(Uint8Array);
    expect([...data]).toEqual(
      [0.75 * 0.75 * 0 + 0.1875 * 255 + 0.1875 * 10 + 0.0625 * 13].map(Math.round).concat([...data].slice(1)),
    );
  });
});

test('turning by a multiple of a right angle and back loses nothing', () => {
  const square = fc.integer({ min: 1, max: 7 }).chain((n) =>
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: n * n, maxLength: n * n }).map((values) => ({
      data: Uint8Array.from(values),
      channels: 1,
      height: n,
      width: n,
    })),
  );
  fc.assert(
    fc.property(square, fc.integer({ min: -4, max: 4 }), (image, quarters) => {
      expect(affine(affine(image, { degrees: 90 * quarters }), { degrees: -90 * quarters })).toEqual(image);
    }),
  );
});

describe('mixup', () => {
  const set = numbered(40);
  const mix = mixup(set, ['image', 'label'], K, { classes: 4, alpha: 0.4 });
  const indices = Int32Array.from({ length: 40 }, (_, i) => i);

  test('image and label are mixed by one share, with one partner', () => {
    const batch = set.batch(indices);
    const out = mix(batch, { epoch: 0, step: 0, indices });
    expect(out.image.data).toBeInstanceOf(Float32Array);
    expect(out.label.shape).toEqual([40, 4]);
    for (let row = 0; row < 40; row++) {
      const own = out.label.data.subarray(row * 4, row * 4 + 4);
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      // Some partner of the set and some share explain all pixels.
      const mixed = out.image.data.subarray(row * 90, row * 90 + 90);
      const explained = Array.from({ length: 40 }, (_, p) => p).some((p) => {
        const [x, y] = [
          batch.image.data.subarray(row * 90, row * 90 + 90),
          batch.image.data.subarray(p * 90, p * 90 + 90),
        ];
        const at = x.findIndex((v, i) => v !== y[i]);
        const share = at < 0 ? 1 : (mixed[at]! - y[at]!) / (x[at]! - y[at]!);
        const label = new Float32Array(4);
        label[row % 4]! += share;
        label[p % 4]! += 1 - share;
        return (
          mixed.every((v, i) => Math.abs(v - (share * x[i]! + (1 - share) * y[i]!)) < 0.01) &&
          label.every((v, c) => Math.abs(v - own[c]!) < 1e-3)
        );
      });
      expect(explained).toBe(true);
    }
  });

  test('D2: it does not depend on the batch, and differs by epoch', () => {
    const whole = mix(set.batch(indices), { epoch: 1, step: 0, indices });
    const some = Int32Array.of(31, 4, 17);
    const part = mix(set.batch(some), { epoch: 1, step: 6, indices: some });
    some.forEach((at, row) => {
      expect(part.image.data.subarray(row * 90, row * 90 + 90)).toEqual(
        whole.image.data.subarray(at * 90, at * 90 + 90),
      );
      expect(part.label.data.subarray(row * 4, row * 4 + 4)).toEqual(whole.label.data.subarray(at * 4, at * 4 + 4));
    });
    expect(mix(set.batch(indices), { epoch: 2, step: 0, indices }).image).not.toEqual(whole.image);
  });

  test.each([0.1, 0.4, 1, 3])('shares follow Beta(%d, same): mean ½, variance 1/(4(2α + 1))', (alpha) => {
    const shares = Array.from({ length: 20_000 }, (_, i) => beta(foldIn(K, i), alpha));
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    const variance = shares.reduce((a, b) => a + (b - mean) ** 2, 0) / shares.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(Math.abs(variance / (1 / (4 * (2 * alpha + 1))) - 1)).toBeLessThan(0.04);
  });

  test('says what it cannot mix', () => {
    expect(() => mixup(set, ['image', 'label'], K, { classes: 4, alpha: 0 })).toThrow('received alpha = 0');
    const few = mixup(set, ['image', 'label'], K, { classes: 3 });
    expect(() => few(set.batch(indices), { epoch: 0, step: 0, indices })).toThrow(
      "mixup, column 'label': received label 3",
    );
  });
});

test('transforms in a chain see the same place', () => {
  const places: number[] = [];
  const note = (batch: { x: any }, { epoch }: { epoch: number }): { x: any } => (places.push(epoch), batch);
  chain(note, note, note)({ x: 1 }, { epoch: 5, step: 0, indices: Int32Array.of(0) });
  expect(places).toEqual([5, 5, 5]);
});

test('wrong options and batches are refused by name', () => {
  expect(() => horizontalFlip({ p: 2 })).toThrow('horizontalFlip: received p = 2; expected a probability, from 0 to 1');
  expect(() => randomAffine({ angle: 3 } as never)).toThrow("randomAffine: received unknown option 'angle'");
  expect(() => randomAffine({ scale: [0, 1] })).toThrow('received scale = [0,1]');
  expect(() => randomRotation(-3)).toThrow('received degrees = -3; expected a number of at least 0 or [low, high]');
  expect(() => randomRotation(3, { interpolation: 'cubic' as never })).toThrow("received interpolation 'cubic'");
  expect(() => colorJitter({ hue: 0.7 })).toThrow('received hue = 0.7');
  expect(() => pad(1, { mode: 'wrap' as never })).toThrow("pad: received mode 'wrap'");
  expect(() => cutout({ size: 0 })).toThrow('cutout: received size = 0');
  expect(() => cutout(undefined as never)).toThrow(
    'cutout: received options undefined; expected an object with any of',
  );
  expect(() => horizontalFlip(0.5 as never)).toThrow('horizontalFlip: received options 0.5');
  for (const translate of [0.1, [0.1], [0, 0, 0]])
    expect(() => randomAffine({ translate: translate as never })).toThrow('expected a list of 2 numbers');
  expect(() => pad([1, 2, 3] as never)).toThrow('pad: received padding = [1,2,3]; expected a list of 4 numbers');
  expect(() => centerCrop([4] as never)).toThrow('centerCrop: received size = [4]; expected a list of 2 numbers');
  const bad = { x: { data: new Uint8Array(4), shape: [1, 4] } };
  const place = { epoch: 0, step: 0, indices: Int32Array.of(0) };
  expect(() => augment('x', K, [])(bad, place)).toThrow(
    "augment, column 'x': received shape [1, 4]; expected images [n, channels, height, width]",
  );
  expect(() => augment<any>('y', K, [])(bad, place)).toThrow("augment, column 'y': received a batch without it");
});

import { foldIn, key, type Key } from '@lemmata/random';
import { describe, expect, test } from 'vitest';
import { grey, rows } from '../../test/images.js';
import { arrayDataset } from '../dataset.js';
import { loader } from '../loader.js';
import { beta } from './mixup.js';
import {
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
    for (const sides of [3, [0, 3, 0, 0], [1, 0, 0, 3]] as const)
      expect(() => pad(sides, { mode: 'reflect' })(three, K)).toThrow(
        'pad: reflection reaches at most size − 1 = 2 beyond an axis of 3, received 3',
      );
  });

  test('padding on one side alone, and a fill for each channel', () => {
    for (const [sides, expected] of [
      [
        [1, 0, 0, 0],
        [
          [0, 0],
          [1, 2],
        ],
      ],
      [[0, 1, 0, 0], [[1, 2, 0]]],
      [
        [0, 0, 1, 0],
        [
          [1, 2],
          [0, 0],
        ],
      ],
      [[0, 0, 0, 1], [[0, 1, 2]]],
    ] as [[number, number, number, number], number[][]][])
      expect(rows(pad(sides)(grey([[1, 2]]), K))).toEqual(expected);
    const colours: Image = { data: Float32Array.of(1, 2), channels: 2, height: 1, width: 1 };
    expect([...pad([0, 1, 0, 0], { fill: [8, 9] })(colours, K).data]).toEqual([1, 8, 2, 9]);
    expect(() => pad([0, 1, 0, 0], { fill: [7, 8, 9] })(colours, K)).toThrow(
      'pad: received 3 fills for 2 channels; expected one, or one for each',
    );
    const bytes: Image = { data: Uint8Array.of(1), channels: 1, height: 1, width: 1 };
    expect([...pad([0, 1, 0, 0], { fill: 255 })(bytes, K).data]).toEqual([1, 255]);
    expect([...pad([0, 1, 0, 0], { fill: 0.1 })(colours, K).data]).toEqual([1, Math.fround(0.1), 2, Math.fround(0.1)]);
    for (const fill of [256, -1, 0.5, NaN])
      expect(() => pad([0, 1, 0, 0], { fill })(bytes, K)).toThrow(
        `pad: received fill ${fill}; expected a number that a Uint8Array holds`,
      );
    expect(() => pad([0, 1, 0, 0], { fill: '7' as never })(colours, K)).toThrow(
      'pad: received fill 7; expected a number',
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
    for (const [size, shown] of [
      [4, '4×4'],
      [[4, 1], '4×1'],
      [[1, 4], '1×4'],
    ] as const)
      expect(() => centerCrop(size)(three, K)).toThrow(
        `centerCrop: a window of ${shown} does not fit into an image of 3×3`,
      );
    expect(() => randomCrop(6, { padding: 1 })(three, K)).toThrow(
      'randomCrop: a window of 6×6 does not fit into an image of 5×5',
    );
  });

  test('a padded crop reaches as far as the padding of each side', () => {
    const places = new Set<string>();
    const crop = randomCrop(1, { padding: [1, 2, 0, 0], fill: 9 });
    const two = grey([
      [1, 2],
      [3, 4],
    ]);
    // Of the 3 rows and 4 columns of the padded image, 8 places are padding.
    const values = Array.from({ length: 4000 }, (_, i) => crop(two, foldIn(K, i)).data[0]!);
    values.forEach((value) => places.add(String(value)));
    expect([...places].toSorted()).toEqual(['1', '2', '3', '4', '9']);
    expect(values.filter((value) => value === 9).length / 4000).toBeCloseTo(8 / 12, 1);
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

  test('cutout: the square that is hidden, at the middle of its place, as many as asked for', () => {
    const empty: Image = { data: new Float32Array(9 * 8), channels: 1, height: 9, width: 8 };
    const centres = new Set<number>();
    for (let i = 0; i < 1500; i++) {
      const { data } = cutout({ size: 1, fill: 5 })(empty, foldIn(K, i));
      expect(data.filter((v) => v === 5)).toHaveLength(1);
      centres.add(data.indexOf(5));
    }
    expect(centres.size).toBe(72);
    // With the same draws, a larger one lies around the smaller one: one more before the middle than behind it.
    for (let i = 0; i < 50; i++) {
      const at = cutout({ size: 1, fill: 5 })(empty, foldIn(K, i)).data.indexOf(5);
      const [y, x] = [Math.floor(at / 8), at % 8];
      for (const [size, before, behind] of [
        [4, 2, 1],
        [3, 1, 1],
      ] as const)
        cutout({ size, fill: 5 })(empty, foldIn(K, i)).data.forEach((v, place) => {
          const [dy, dx] = [Math.floor(place / 8) - y, (place % 8) - x];
          const inside = [dy, dx].every((d) => -before <= d && d <= behind);
          expect(v).toBe(inside ? 5 : 0);
        });
    }
    const most = Math.max(
      ...Array.from(
        { length: 50 },
        (_, i) => cutout({ size: 1, count: 3, fill: 5 })(empty, foldIn(K, i)).data.filter((v) => v === 5).length,
      ),
    );
    expect(most).toBe(3);
  });
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

  test.each<[number, (x: number) => number]>([
    [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [1, (x) => x],
    [2, (x) => x * x * (3 - 2 * x)],
  ])('shares of Beta(%d, same) are as often below each number as its distribution says', (alpha, below) => {
    const shares = Array.from({ length: 20_000 }, (_, i) => beta(foldIn(K, i), alpha)).toSorted((a, b) => a - b);
    const furthest = Math.max(...shares.map((x, i) => Math.abs((i + 0.5) / 20_000 - below(x))));
    // Kolmogorov and Smirnov: one key in a thousand is further than 1.95 / √n.
    expect(furthest).toBeLessThan(1.95 / Math.sqrt(20_000));
  });

  test('says what it cannot mix', () => {
    for (const alpha of [0, -1, NaN, Infinity])
      expect(() => mixup(set, ['image', 'label'], K, { classes: 4, alpha })).toThrow(
        `mixup: received alpha = ${alpha}; expected a positive number`,
      );
    expect(() => mixup(set, ['image', 'label'], K, { classes: 0 })).toThrow('mixup: received classes = 0');
    expect(() =>
      mixup(set, ['imgae' as 'image', 'label'], K, { classes: 4 })(set.batch(indices), { epoch: 0, step: 0, indices }),
    ).toThrow("mixup: received a batch of columns image, label; expected a column 'imgae'");
    const few = mixup(set, ['image', 'label'], K, { classes: 3 });
    expect(() => few(set.batch(indices), { epoch: 0, step: 0, indices })).toThrow(
      "mixup, column 'label': received label 3",
    );
  });

  test('the partners have to be classes and of one shape too', () => {
    // Of the first sample's partner, in one epoch or another, the label 3 would count for the second sample.
    const rare = arrayDataset({
      image: { data: new Uint8Array(2), shape: [2, 1, 1, 1] },
      label: { data: Int32Array.of(0, 3), shape: [2] },
    });
    const first = Int32Array.of(0);
    const mixed = (epoch: number) => (): unknown =>
      mixup(rare, ['image', 'label'], K, { classes: 3 })(rare.batch(first), { epoch, step: 0, indices: first });
    const said = [0, 1, 2, 3, 4, 5, 6, 7].map((epoch) => {
      try {
        mixed(epoch)();
        return 'nothing';
      } catch (error) {
        return (error as Error).message.split(';')[0];
      }
    });
    expect(new Set(said)).toEqual(
      new Set(['nothing', "mixup, column 'label': received label 3 at index 0 (1 of 1 labels are out of range)"]),
    );
    const batch = set.batch(indices);
    const image = { data: batch.image.data.subarray(0, 40), shape: [40, 1, 1, 1] };
    expect(() => mix({ ...batch, image }, { epoch: 0, step: 0, indices })).toThrow(
      "mixup, column 'image': received shape [40, 1, 1, 1] in the batch and [40, 3, 6, 5] in the dataset; expected the same",
    );
    // Labels of which each is a list already.
    const label = { data: new Int32Array(160), shape: [40, 4] };
    expect(() => mix({ ...batch, label }, { epoch: 0, step: 0, indices })).toThrow(
      "mixup, column 'label': received 160 labels for 40 samples; expected one label a sample",
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
  for (const p of [2, -0.1, NaN])
    expect(() => horizontalFlip({ p })).toThrow(
      `horizontalFlip: received p = ${p}; expected a probability, from 0 to 1`,
    );
  const number = 'expected a number of at least 0 or [low, high]';
  for (const brightness of [-1, NaN, Infinity, [2, 1], [-0.1, 1], [NaN, 1], [0, Infinity], [-Infinity, 1]] as const)
    expect(() => colorJitter({ brightness })).toThrow(
      `colorJitter: received brightness = ${typeof brightness === 'number' ? brightness : `[${brightness.join(', ')}]`}; ${number}, low at least 0`,
    );
  expect(() => colorJitter({ hue: [-0.6, 0] })).toThrow(
    `colorJitter: received hue = [-0.6, 0]; ${number}, low at least -0.5`,
  );
  for (const make of [pad.bind(null, 1), randomCrop.bind(null, 1)])
    expect(() => make({ mode: 'edge', fill: 3 })).toThrow(
      "received a fill with mode 'edge', which has no use for it; expected mode constant",
    );
  for (const contrast of [[], [1], [0.5, 1, 2]])
    expect(() => colorJitter({ contrast: contrast as never })).toThrow(
      `colorJitter: received contrast = ${JSON.stringify(contrast)}; expected a list of 2 numbers`,
    );
  expect(() => colorJitter({ hue: 0.6 })).toThrow('colorJitter: received hue = 0.6; expected at most 0.5');
  expect(() => colorJitter({ hue: [-0.5, 0.5], brightness: [1, 1] })).not.toThrow();
  expect(() => randomAffine({ angle: 3 } as never)).toThrow("randomAffine: received unknown option 'angle'");
  expect(() => randomAffine({ scale: [0, 1] })).toThrow('received scale = [0, 1]');
  expect(() => randomRotation([-Infinity, 0])).toThrow('received degrees = [-Infinity, 0]');
  expect(() => randomRotation(-3)).toThrow(/received degrees = -3; expected a number of at least 0 or \[low, high\]$/);
  expect(() => randomRotation(3, { interpolation: 'cubic' as never })).toThrow("received interpolation 'cubic'");
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
  let side = 1;
  const grow: ImageChange = (image, k) => pad([0, side++, 0, 0])(image, k);
  const two = { x: { data: new Uint8Array(2), shape: [2, 1, 1, 1] } };
  expect(() => augment('x', K, [grow])(two, { ...place, indices: Int32Array.of(0, 1) })).toThrow(
    "augment, column 'x': received image 1 of shape [1, 1, 3] after one of [1, 1, 2]; expected changes that leave all images the same size. End with a crop or a resize to one size",
  );
  const none = { x: { data: new Uint8Array(0), shape: [0, 1, 1, 1] } };
  expect(augment('x', K, [grow])(none, { ...place, indices: new Int32Array(0) })).toEqual(none);
  expect(() => augment<any>('y', K, [])(bad, place)).toThrow("augment, column 'y': received a batch without it");
});

test('an axis of nothing has no edge', () => {
  const nothing = { data: new Float32Array(0), channels: 1, height: 0, width: 2 };
  expect(() => pad(1, { mode: 'edge' })(nothing, key(0))).toThrow(
    "pad: received an axis of 0 with mode 'edge', which has no edge; expected mode constant",
  );
});

test('of the smallest alpha each sample is one of the two', () => {
  const dataset = arrayDataset({
    image: { data: Float32Array.of(1, 2), shape: [2, 1] },
    label: { data: Int32Array.of(0, 1), shape: [2] },
  });
  const indices = Int32Array.of(0, 1);
  const mixed = mixup(dataset, ['image', 'label'], key(3), { alpha: 1e-300, classes: 2 });
  const { label } = mixed(dataset.batch(indices), { epoch: 0, step: 0, indices });
  expect(label.data.every((share) => share === 0 || share === 1)).toBe(true);
  expect(() => mixup(dataset, ['image', 'label'], key(3), { alpha: 1e-320, classes: 2 })).toThrow(
    'expected a positive number, of at least 1e-300',
  );
});

test('changes come in a list', () => {
  for (const wrong of [horizontalFlip(), undefined, [{ p: 1 }]])
    expect(() => augment('image', key(0), wrong as never)).toThrow(
      /^augment: received changes of type (function|undefined|object); expected a list of them, such as \[horizontalFlip\(\)\]$/,
    );
});

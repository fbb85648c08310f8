import { key } from '@lemmata/random';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayDataset } from './dataset.js';
import { loader } from './loader.js';
import { normalize } from './transform.js';

/** Sample i is i, with features [10 i, 10 i + 1]. */
const numbered = (n: number) =>
  arrayDataset({
    x: { data: Float32Array.from({ length: 2 * n }, (_, i) => 10 * Math.floor(i / 2) + (i % 2)), shape: [n, 2] },
    y: { data: Int32Array.from({ length: n }, (_, i) => i), shape: [n] },
  });

const seen = (batches: Iterable<{ readonly y: { readonly data: Int32Array } }>): number[] =>
  [...batches].flatMap(({ y }) => [...y.data]);

const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 70 }), fc.integer(), fc.nat(1000));

test('D2: an epoch is a permutation, in ⌈n / batch⌉ batches of which only the last may be smaller', () => {
  fc.assert(
    fc.property(sizes, ([n, batchSize, seed, epoch]) => {
      const load = loader(numbered(n), { batchSize, shuffle: key(seed) });
      const batches = [...load.epoch(epoch)];
      expect(batches).toHaveLength(Math.ceil(n / batchSize));
      expect(load.steps).toBe(batches.length);
      expect(load.samples).toBe(n);
      const order = seen(batches);
      expect(order).toEqual([...load.order(epoch)]);
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      batches.forEach(({ x, y }, step) => {
        const size = step < load.steps - 1 ? batchSize : n - batchSize * (load.steps - 1);
        expect(y.shape).toEqual([size]);
        expect(x.shape).toEqual([size, 2]);
        expect([...x.data]).toEqual([...y.data].flatMap((i) => [10 * i, 10 * i + 1]));
      });
    }),
  );
});

test('the order does not depend on the batch size, the transform or earlier epochs', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 70 }), ([n, batchSize, seed, epoch], other) => {
      const shuffle = key(seed);
      const plain = loader(numbered(n), { batchSize, shuffle });
      const changed = loader(numbered(n), {
        batchSize: other,
        shuffle,
        transform: normalize('x', { mean: 0, std: 1 }),
      });
      seen(changed.epoch(0));
      expect(seen(changed.epoch(epoch))).toEqual(seen(plain.epoch(epoch)));
    }),
  );
});

test('epochs and keys differ; without shuffling the order is the dataset’s', () => {
  const orders = [0, 1, 2].flatMap((seed) => {
    const load = loader(numbered(50), { batchSize: 8, shuffle: key(seed) });
    return [0, 1, 2, 3].map((epoch) => seen(load.epoch(epoch)).join());
  });
  expect(new Set(orders).size).toBe(12);
  const still = loader(numbered(5), { batchSize: 2, shuffle: false });
  expect(seen(still.epoch(0))).toEqual([0, 1, 2, 3, 4]);
  expect(seen(still.epoch(7))).toEqual([0, 1, 2, 3, 4]);
});

test('an epoch resumes at any step, reading no batch before it', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), ([n, batchSize, seed, epoch], at) => {
      const set = numbered(n);
      let reads = 0;
      const counting = { length: n, batch: (indices: Int32Array) => (reads++, set.batch(indices)) };
      const load = loader(counting, { batchSize, shuffle: key(seed) });
      const from = at % (load.steps + 1);
      const whole = [...load.epoch(epoch)];
      reads = 0;
      expect([...load.epoch(epoch, { from })]).toEqual(whole.slice(from));
      expect(reads).toBe(load.steps - from);
    }),
  );
});

test('D2: dropLast leaves out the smaller batch alone', () => {
  const all = loader(numbered(10), { batchSize: 4, shuffle: key(3) });
  const whole = loader(numbered(10), { batchSize: 4, shuffle: key(3), dropLast: true });
  expect(whole.steps).toBe(2);
  expect([...whole.epoch(5)]).toEqual([...all.epoch(5)].slice(0, 2));
  expect(loader(numbered(8), { batchSize: 4, shuffle: false, dropLast: true }).steps).toBe(2);
});

test('the same epoch can be read again, and batches share no memory', () => {
  const epoch = loader(numbered(6), { batchSize: 3, shuffle: key(1) }).epoch(2);
  const [first, second] = [[...epoch], [...epoch]];
  expect(second).toEqual(first);
  first[0]!.y.data.fill(-1);
  expect(seen(epoch)).toEqual(seen(second));
});

test('a transform is told epoch, step and indices', () => {
  const places: unknown[] = [];
  const load = loader(numbered(3), {
    batchSize: 2,
    shuffle: false,
    transform: (batch, place) => {
      places.push({ ...place, labels: [...batch.y.data] });
      return { only: batch.y };
    },
  });
  const out = [...load.epoch(4)];
  expect(out.map(({ only }) => only.shape)).toEqual([[2], [1]]);
  expect(places).toEqual([
    { epoch: 4, step: 0, indices: Int32Array.of(0, 1), labels: [0, 1] },
    { epoch: 4, step: 1, indices: Int32Array.of(2), labels: [2] },
  ]);
});

test('wrong options throw with what was received', () => {
  const set = numbered(4);
  const make = (options: object) => () => loader(set, { batchSize: 2, shuffle: false, ...options });
  expect(make({ batchSize: 0 })).toThrow(
    new RangeError('loader: received batchSize = 0; expected an integer of at least 1'),
  );
  expect(make({ batchSize: 1.5 })).toThrow('received batchSize = 1.5');
  expect(make({ shuffle: true })).toThrow(
    new TypeError('loader: received shuffle = true; expected false or a key, such as key(0)'),
  );
  for (const shuffle of [undefined, [1], [1, 2, 3], [1, '2'], { 0: 1, 1: 2, length: 2 }])
    expect(make({ shuffle })).toThrow(`received shuffle = ${String(shuffle)}; expected false or a key`);
  expect(make({ drop_last: true })).toThrow(
    "loader: received unknown option 'drop_last'; expected one of batchSize, shuffle, dropLast, transform",
  );
  expect(make({ batchSize: 5, dropLast: true })).toThrow(
    'loader: received 4 samples with batchSize 5 and dropLast true; expected at least one batch an epoch',
  );
  const load = make({})();
  expect(() => load.epoch(-1)).toThrow('loader: received epoch = -1; expected an integer from 0 to 2147483647');
  expect(() => load.epoch(0, { from: 3 })).toThrow('loader.epoch: received from = 3; expected an integer from 0 to 2');
  expect(() => load.epoch(0, { form: 1 } as object)).toThrow("loader.epoch: received unknown option 'form'");
});

test('column types follow the dataset and the transform', () => {
  const set = arrayDataset({
    image: { data: Uint8Array.of(255), shape: [1, 1] },
    label: { data: Int32Array.of(0), shape: [1] },
  });
  const load = loader(set, { batchSize: 1, shuffle: false, transform: normalize('image', { mean: 0, std: 1 }) });
  for (const { image, label } of load.epoch(0)) {
    const pixels: Float32Array = image.data;
    const classes: Int32Array = label.data;
    expect([pixels[0], classes[0]]).toEqual([1, 0]);
  }
});

test('columns are no dataset', () => {
  const columns = { length: { data: Uint8Array.of(1), shape: [1] } };
  for (const wrong of [{}, columns, { length: -1 }, { length: 1.5 }])
    expect(() => loader(wrong as never, { batchSize: 2, shuffle: false })).toThrow(
      /^loader: received dataset\.length = .*; expected an integer of at least 0$/,
    );
});

import { key } from '@lemmata/random';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type StreamDataset, streamLoader } from './stream.js';

type Numbered = { readonly y: { readonly data: Int32Array; readonly shape: readonly number[] } };

/** Yields samples 0 to n − 1, and counts how often it was opened and closed. */
function numbered(
  n: number,
  length?: number,
): StreamDataset<Numbered> & { opened: number; closed: number; read: number } {
  const stream = {
    ...(length === undefined ? {} : { length }),
    opened: 0,
    closed: 0,
    read: 0,
    async *open() {
      stream.opened++;
      try {
        for (let i = 0; i < n; i++) {
          stream.read++;
          yield { y: { data: Int32Array.of(i), shape: [] } };
        }
      } finally {
        stream.closed++;
      }
    },
  };
  return stream;
}

async function batches(epoch: AsyncIterable<Numbered>): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { y } of epoch) {
    expect(y.shape).toEqual([y.data.length]);
    all.push([...y.data]);
  }
  return all;
}

const settings = fc.record({
  n: fc.integer({ min: 1, max: 50 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  buffer: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer(),
  epoch: fc.nat(1000),
});

test('D2: every sample once an epoch, the last batch smaller, the same again for the same key and epoch', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async ({ n, batchSize, buffer, seed, epoch }) => {
      const load = streamLoader(numbered(n), { batchSize, shuffle: { key: key(seed), buffer } });
      const all = await batches(load.epoch(epoch));
      expect(all.map((batch) => batch.length)).toEqual(
        Array.from({ length: Math.ceil(n / batchSize) }, (_, i) => Math.min(batchSize, n - i * batchSize)),
      );
      expect(all.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const other = streamLoader(numbered(n), { batchSize: n, shuffle: { key: key(seed), buffer } });
      expect(await batches(other.epoch(epoch))).toEqual([all.flat()]);
    }),
  );
});

test('no sample leaves before it came or later than 2 · buffer − 1 samples after', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async ({ n, buffer, seed, epoch }) => {
      const load = streamLoader(numbered(n), { batchSize: 1, shuffle: { key: key(seed), buffer } });
      const order = (await batches(load.epoch(epoch))).flat();
      // The sample that leaves as number t makes room for sample t + buffer.
      order.forEach((sample, t) => {
        expect(sample).toBeLessThan(t + buffer);
        expect(Math.min(t + buffer, n - 1) - sample).toBeLessThanOrEqual(2 * buffer - 1);
      });
    }),
  );
});

test('each round visits every slot once, in an order of its own', async () => {
  const [buffer, rounds] = [8, 5];
  const n = buffer * (rounds + 1);
  const load = streamLoader(numbered(n), { batchSize: n, shuffle: { key: key(0), buffer } });
  const [order] = await batches(load.epoch(0));
  const slotOf = Array.from({ length: buffer }, (_, slot) => slot);
  const visited = order!.slice(0, buffer * rounds).map((sample) => {
    slotOf.push(slotOf[sample]!);
    return slotOf[sample]!;
  });
  const seen = Array.from({ length: rounds }, (_, round) => visited.slice(round * buffer, (round + 1) * buffer));
  for (const slots of seen) expect(slots.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(new Set(seen.map((slots) => slots.join())).size).toBe(rounds);
});

test('never more samples are held than the buffer and a batch', async () => {
  const stream = numbered(100);
  const load = streamLoader(stream, { batchSize: 4, shuffle: { key: key(0), buffer: 10 } });
  let taken = 0;
  for await (const { y } of load.epoch(0)) {
    taken += y.data.length;
    expect(stream.read - taken).toBeLessThanOrEqual(11);
  }
});

test('epochs and keys differ, and a buffer mixes', async () => {
  const orders: string[] = [];
  for (const seed of [0, 1]) {
    const load = streamLoader(numbered(40), { batchSize: 40, shuffle: { key: key(seed), buffer: 10 } });
    for (const epoch of [0, 1, 2]) orders.push((await batches(load.epoch(epoch))).join());
  }
  expect(new Set(orders).size).toBe(6);
  const still = streamLoader(numbered(5), { batchSize: 2, shuffle: false });
  expect(await batches(still.epoch(3))).toEqual([[0, 1], [2, 3], [4]]);
});

test('resumes at a step, transforming only what it yields', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.nat(), async ({ n, batchSize, buffer, seed, epoch }, at) => {
      const steps: number[] = [];
      const load = streamLoader(numbered(n), {
        batchSize,
        shuffle: { key: key(seed), buffer },
        transform: (batch, place) => {
          steps.push(place.step);
          expect(place.epoch).toBe(epoch);
          expect([...place.indices]).toEqual([...batch.y.data]);
          return batch;
        },
      });
      const all = await batches(load.epoch(epoch));
      const from = at % (all.length + 1);
      steps.length = 0;
      expect(await batches(load.epoch(epoch, { from }))).toEqual(all.slice(from));
      expect(steps).toEqual(all.map((_, step) => step).slice(from));
    }),
    { numRuns: 50 },
  );
});

test('dropLast leaves out the smaller batch; steps are known where the length is', async () => {
  const load = streamLoader(numbered(5, 5), { batchSize: 2, shuffle: false, dropLast: true });
  expect(load.steps).toBe(2);
  expect(await batches(load.epoch(0))).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(streamLoader(numbered(5, 5), { batchSize: 2, shuffle: false }).steps).toBe(3);
  expect(streamLoader(numbered(5), { batchSize: 2, shuffle: false }).steps).toBeUndefined();
});

test('a stream may be an ordinary iterable', async () => {
  const samples = [1, 2, 3].map((i) => ({ y: { data: Int32Array.of(i), shape: [] } }));
  const load = streamLoader({ open: () => samples }, { batchSize: 2, shuffle: false });
  expect(await batches(load.epoch(0))).toEqual([[1, 2], [3]]);
});

test('leaving early closes the stream, and each epoch opens it anew', async () => {
  const stream = numbered(100);
  const load = streamLoader(stream, { batchSize: 2, shuffle: { key: key(0), buffer: 5 } });
  for await (const _ of load.epoch(0)) break;
  expect(stream).toMatchObject({ opened: 1, closed: 1 });
  expect(stream.read).toBeLessThan(10);
  await batches(load.epoch(1));
  expect(stream).toMatchObject({ opened: 2, closed: 2 });
});

test('what goes wrong while reading is said', async () => {
  const run = (stream: StreamDataset<Numbered>, options: object = {}, from = 0) =>
    batches(streamLoader(stream, { batchSize: 2, shuffle: false, ...options }).epoch(3, { from }));
  await expect(run(numbered(3, 4))).rejects.toThrow('stream, epoch 3: received 3 samples; expected its length, 4');
  await expect(run(numbered(5, 4))).rejects.toThrow(
    'stream, epoch 3: received more than 4 samples; expected its length, 4',
  );
  await expect(run(numbered(0))).rejects.toThrow('stream, epoch 3: received 0 batches of 2; expected at least 1');
  await expect(run(numbered(1), { dropLast: true })).rejects.toThrow('received 0 batches of 2; expected at least 1');
  await expect(run(numbered(3), {}, 5)).rejects.toThrow('received 2 batches of 2; expected at least 5');
  const uneven = [1, 2].map((n) => ({ y: { data: new Int32Array(n), shape: [n] } }));
  await expect(run({ open: () => uneven })).rejects.toThrow(
    'stack, part 1: received y: Int32Array [2]; expected y: Int32Array [1]',
  );
  const failing: StreamDataset<Numbered> = {
    open: async function* () {
      yield* [];
      throw new Error('the disk is gone');
    },
  };
  await expect(run(failing)).rejects.toThrow('the disk is gone');
});

test('wrong options throw at once', () => {
  const make = (options: object) => () => streamLoader(numbered(3, 3), { batchSize: 2, shuffle: false, ...options });
  expect(make({ batchSize: 0 })).toThrow('streamLoader: received batchSize = 0');
  expect(make({ shuffle: key(0) })).toThrow(
    'streamLoader, shuffle: received options [0,0]; expected an object with any of key, buffer',
  );
  expect(make({ shuffle: { key: 3, buffer: 3 } })).toThrow(
    'streamLoader: received shuffle = 3; expected false or a key',
  );
  expect(make({ shuffle: { key: key(0), buffer: 0 } })).toThrow('streamLoader: received buffer = 0');
  expect(make({ prefetch: 2 })).toThrow("streamLoader: received unknown option 'prefetch'");
  const load = make({})();
  expect(() => load.epoch(0.5)).toThrow('streamLoader.epoch: received epoch = 0.5');
  expect(() => load.epoch(0, { from: 3 })).toThrow('received from = 3; expected an integer from 0 to 2');
});

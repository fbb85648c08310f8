import { arrayDataset, loader } from '@lemmata/data';
import { linearLayer } from '@lemmata/layers-linear';
import { mse } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { afterAll, expect, test } from 'vitest';
import { encodeModel } from './checkpoint.js';
import { train } from './train.js';
import { serveTraining, trainInWorker, type Channel, type Progress } from './worker.js';

const x = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i * i));
const y = Float32Array.from({ length: 40 }, (_, i) => x[2 * i]! - x[2 * i + 1]!);
const training = ({ epochs = 3, learningRate = 0.1 }) =>
  train({
    model: sequential({ out: linearLayer({ outFeatures: 1 }) }),
    loss: mse,
    optimizer: sgd({ learningRate }),
    batches: loader(arrayDataset({ x: { data: x, shape: [40, 2] }, y: { data: y, shape: [40, 1] } }), {
      batchSize: 10,
      shuffle: false,
    }),
    epochs,
    seed: 1,
  });

/** Both ends of a channel as a worker has them; the messages are copied as they would be. */
const ports: MessagePort[] = [];
function channel(): [page: Channel, worker: Channel] {
  const { port1, port2 } = new MessageChannel();
  for (const port of [port1, port2]) {
    port.start();
    ports.push(port);
  }
  return [port1, port2] as unknown as [Channel, Channel];
}
afterAll(() => ports.forEach((port) => port.close()));

test('the weights are those of the same training without a worker, and every epoch is told', async () => {
  const [page, worker] = channel();
  serveTraining(training, worker);
  const told: Progress[] = [];
  const { weights, cursor, stopped } = await trainInWorker(page, { epochs: 3 }, { onProgress: (p) => told.push(p) })
    .result;
  let last;
  for await (const event of training({ epochs: 3 })) last = event;
  expect(weights).toEqual(encodeModel(last!.state));
  expect({ cursor, stopped }).toEqual({ cursor: { epoch: 3, step: 0 }, stopped: false });
  expect(told.filter(({ kind }) => kind === 'epoch').map(({ epoch, loss }) => [epoch, loss > 0])).toEqual([
    [0, true],
    [1, true],
    [2, true],
  ]);
  expect('state' in told[0]!).toBe(false);
});

test('an unknown option is refused before the worker is told anything', () => {
  const [page] = channel();
  expect(() => trainInWorker(page, { epochs: 1 }, { onprogress: () => {} } as never)).toThrow(
    "trainInWorker: unknown option 'onprogress'; did you mean 'onProgress'? (it takes onProgress)",
  );
});

test('a request that cannot be sent is thrown, and nothing listens for its answer', () => {
  const [page] = channel();
  const listeners = new Set<unknown>();
  const watched: Channel = {
    postMessage: (message, transfer) => page.postMessage(message, transfer),
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
  };
  expect(() => trainInWorker(watched, { onEpoch: () => {} })).toThrow(/could not be cloned/);
  expect(listeners.size).toBe(0);
});

test('a training can be stopped, with what it has learnt, and the worker takes another', async () => {
  const [page, worker] = channel();
  serveTraining(training, worker);
  const first = trainInWorker(page, { epochs: 1e6 }, { onProgress: ({ epoch }) => epoch >= 1 && first.stop() });
  const { weights, stopped, cursor } = await first.result;
  expect(stopped).toBe(true);
  expect(cursor.epoch).toBeGreaterThanOrEqual(1);
  expect(weights.length).toBeGreaterThan(12);
  expect((await trainInWorker(page, { epochs: 1 }).result).stopped).toBe(false);
});

test('steps that the page has not come to are passed over; the weights are handed over, not copied', async () => {
  const [page, worker] = channel();
  const sent: unknown[][] = [];
  const counting: Channel = {
    postMessage: (message, transfer) => {
      sent.push(transfer);
      worker.postMessage(message, transfer);
    },
    addEventListener: (type, listener) => worker.addEventListener(type, listener),
    removeEventListener: (type, listener) => worker.removeEventListener(type, listener),
  };
  serveTraining(training, counting);
  const silent: Channel = {
    ...forward(page),
    postMessage: (m, t) => (m as { kind: string }).kind !== 'seen' && page.postMessage(m, t),
  };
  await trainInWorker(silent, { epochs: 2 }).result;
  // The first step, the two epochs, and the end.
  expect(sent).toEqual([[], [], [], [expect.any(ArrayBuffer)]]);
});

const forward = (port: Channel): Channel => ({
  postMessage: (message, transfer) => port.postMessage(message, transfer),
  addEventListener: (type, listener) => port.addEventListener(type, listener),
  removeEventListener: (type, listener) => port.removeEventListener(type, listener),
});

test('what fails in the worker is told in the page', async () => {
  const [page, worker] = channel();
  serveTraining(training, worker);
  const diverging = trainInWorker(page, { epochs: 1000, learningRate: 1e30 });
  await expect(diverging.result).rejects.toMatchObject({ name: 'TrainingError', at: { epoch: 0 } });
  await expect(trainInWorker(page, { epochs: 0 }).result).rejects.toMatchObject({
    name: 'Error',
    message: 'the training ended before its first step, and there is no model',
    at: undefined,
  });
  const running = trainInWorker(page, { epochs: 1e6 });
  await expect(trainInWorker(page, {}).result).rejects.toThrow('a training runs in this worker already');
  running.stop();
  expect((await running.result).stopped).toBe(true);
});

test('what is thrown without being an error is told too', async () => {
  const [page, worker] = channel();
  serveTraining(() => Promise.reject('no data'), worker);
  await expect(trainInWorker(page, {}).result).rejects.toMatchObject({ name: 'Error', message: 'no data' });
});

test('a worker that cannot be loaded, or read, ends the training; its listeners go with it', async () => {
  for (const [type, event, message] of [
    ['error', {}, 'the worker failed: it could not be loaded, or what it sent not be read'],
    ['error', { message: 'SyntaxError' }, 'the worker failed: SyntaxError'],
    ['messageerror', {}, 'the worker failed: it could not be loaded, or what it sent not be read'],
  ] as const) {
    const listeners = new Map<string, (event: unknown) => void>();
    const broken: Channel = {
      postMessage: () => {},
      addEventListener: (name, listener) => listeners.set(name, listener),
      removeEventListener: (name, listener) => listeners.get(name) === listener && listeners.delete(name),
    };
    const { result } = trainInWorker(broken, {});
    expect([...listeners.keys()]).toEqual(['message', 'error', 'messageerror']);
    listeners.get(type)!(event);
    await expect(result).rejects.toMatchObject({ name: 'Error', message });
    expect(listeners.size).toBe(0);
  }
});

test('who stops a training that has ended does not stop the next', async () => {
  const [page, worker] = channel();
  serveTraining(training, worker);
  const first = trainInWorker(page, { epochs: 1 });
  await first.result;
  const second = trainInWorker(page, { epochs: 2 });
  first.stop();
  expect(await second.result).toMatchObject({ stopped: false, cursor: { epoch: 2, step: 0 } });
});

test('each step is told when it comes, once what was told before has been seen, and nothing else', async () => {
  const [page, worker] = channel();
  const told: Progress[] = [];
  let step = 0;
  const isTold = async (): Promise<void> => {
    while (told.length < step) await new Promise((done) => setTimeout(done, 1));
    // Until the page's answer has come too.
    await new Promise((done) => setTimeout(done, 5));
  };
  const event = {
    kind: 'step',
    epoch: 0,
    steps: 3,
    size: 1,
    loss: 0,
    metrics: {},
    cursor: { epoch: 1, step: 0 },
  } as const;
  async function* slow(): ReturnType<typeof training> {
    while (step < 3) {
      yield { ...event, step: ++step, state: { params: {}, state: {} } } as never;
      await isTold();
    }
  }
  serveTraining(slow, worker);
  await trainInWorker(page, {}, { onProgress: (progress) => told.push(progress) }).result;
  expect(told).toEqual([1, 2, 3].map((each) => ({ ...event, step: each })));
});

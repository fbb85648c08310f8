import { lenet5 } from '@lemmata/architectures/lenet5';
import { wasmBackend } from '@lemmata/backend-wasm';
import { arrayDataset, loader } from '@lemmata/data';
import { convKernels } from '@lemmata/layers-conv/conv/wasm';
import { maxPoolKernels } from '@lemmata/layers-pool/max-pool/wasm';
import { crossEntropy } from '@lemmata/losses';
import { sgd } from '@lemmata/optim';
import { key as randomKey } from '@lemmata/random';
import { key } from '@lemmata/tensor';
import { decodeModel, train } from '@lemmata/train';
import { serveTraining, trainInWorker, type Progress } from '@lemmata/train/worker';

/*
 * Training in a page. This module is the page's, with the tests, and the worker's: one file, so that the two cannot drift apart.
 */

const { crossOriginIsolated: isolated } = globalThis as unknown as { crossOriginIsolated: boolean };
const inWorker = !('document' in globalThis);
const model = lenet5();
const INPUT = [1, 28, 28];

/** LeNet-5 told two kinds of stripes apart, in batches of which a step takes far longer than a page may be blocked. */
function training({ epochs, threads }: { epochs: number; threads: number }): ReturnType<typeof train> {
  const count = 1024;
  const images = Float32Array.from({ length: count * 784 }, (_, i) => {
    const [row, column] = [Math.floor((i % 784) / 28), i % 28];
    return Math.sin((Math.floor(i / 784) % 2 === 0 ? row : column) + i / 784);
  });
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const data = arrayDataset({ x: { data: images, shape: [count, ...INPUT] }, y: { data: labels, shape: [count] } });
  const optimizer = sgd({ learningRate: 0.02, momentum: 0.9 });
  return train({
    model,
    loss: crossEntropy,
    optimizer,
    batches: loader(data, { batchSize: 512, shuffle: randomKey(2) }),
    epochs,
    seed: 1,
    backend: wasmBackend({ threads, kernels: [...convKernels, ...maxPoolKernels] }),
  });
}

interface Blocked {
  /** Milliseconds of the longest time in which no timer had its turn. */
  readonly gap: number;
  /** How many tasks of the page took more than 50 ms. */
  readonly longTasks: number;
  readonly milliseconds: number;
}

/** What a page notices while `body` runs. */
async function watched(body: () => Promise<unknown>): Promise<Blocked> {
  let longTasks = 0;
  const observer = new PerformanceObserver((list) => (longTasks += list.getEntries().length));
  observer.observe({ entryTypes: ['longtask'] });
  const began = performance.now();
  let [last, gap, running] = [began, 0, true];
  const tick = (): void => {
    const now = performance.now();
    [gap, last] = [Math.max(gap, now - last), now];
    if (running) setTimeout(tick, 0);
  };
  tick();
  await body();
  running = false;
  tick();
  // Entries come in a task of their own.
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  return { gap, longTasks, milliseconds: last - began };
}

/** As many workers as there are threads, which count for a second. */
async function counted(threads: number): Promise<void> {
  const count = 'const end = performance.now() + 1000; while (performance.now() < end); postMessage(0);';
  const url = URL.createObjectURL(new Blob([count], { type: 'text/javascript' }));
  const workers = Array.from({ length: threads }, () => new Worker(url));
  await Promise.all(
    workers.map((worker) => new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }))),
  );
  for (const worker of workers) worker.terminate();
  URL.revokeObjectURL(url);
}

if (inWorker) serveTraining(training);
else {
  const { afterAll, expect, test } = await import('vitest');
  // One worker takes the trainings one after another: to load its modules takes longer than to train.
  const worker = new Worker(new URL('./training.browser.test.ts', import.meta.url), { type: 'module' });
  afterAll(() => worker.terminate());
  const threads = isolated ? 2 : 1;
  const where = `in a page that is ${isolated ? '' : 'not '}isolated, on ${threads} thread${isolated ? 's' : ''}`;

  test(`${where}, training in a worker leaves the page its turn within 50 ms`, async () => {
    // On a busy machine a page waits for the others too, and gaps tell of these. So its turns are also measured beside workers that count
    // and say nothing: unless these leave it in peace each time, only long tasks count, those of its own that take over 50 ms.
    // The quietest run is the training's own.
    const runs: { readonly training: Blocked; readonly counting: Blocked }[] = [];
    const quiet = ({ gap, longTasks }: Blocked): boolean => gap < 50 && longTasks === 0;
    const decided = (): boolean =>
      runs.some(({ training }) => quiet(training)) ||
      (runs.some(({ training }) => training.longTasks === 0) && runs.some(({ counting }) => !quiet(counting)));
    while (runs.length < 5 && !decided()) {
      const counting = await watched(() => counted(threads));
      const told: Progress[] = [];
      const job = trainInWorker(worker, { epochs: 3, threads }, { onProgress: (progress) => told.push(progress) });
      runs.push({ counting, training: await watched(() => job.result) });
      expect(told.filter(({ kind }) => kind === 'epoch').length).toBe(3);
    }
    const text = ({ gap, longTasks, milliseconds }: Blocked): string =>
      `longest gap ${gap.toFixed(1)} ms, ${longTasks} long tasks in ${milliseconds.toFixed(0)} ms`;
    console.log(
      `${where}: ${runs.map(({ training, counting }) => `${text(training)} (beside counting: ${text(counting)})`).join('; ')}`,
    );
    expect(Math.min(...runs.map(({ training }) => training.longTasks))).toBe(0);
    if (runs.every(({ counting }) => quiet(counting))) expect(runs.some(({ training }) => quiet(training))).toBe(true);
  });

  test(`${where}, the weights come back, as from the page’s own training, which would have blocked it`, async () => {
    const { weights } = await trainInWorker(worker, { epochs: 1, threads }).result;
    let last: any;
    const blocked = await watched(async () => {
      for await (const event of training({ epochs: 1, threads: 1 })) last = event.state;
    });
    const like = model.init(key(0), INPUT);
    const { params } = decodeModel(weights, like);
    expect(params.conv1.weight.dataSync()).toEqual(last.params.conv1.weight.dataSync());
    expect(blocked.gap).toBeGreaterThan(50);
    expect(blocked.longTasks).toBeGreaterThan(0);
  });

  test(`${where}, a training stops when it is told to, and keeps what it has learnt`, async () => {
    const endless = trainInWorker(worker, { epochs: 1e6, threads }, { onProgress: () => endless.stop() });
    const { stopped, weights, cursor } = await endless.result;
    expect(stopped).toBe(true);
    expect(cursor.epoch + cursor.step).toBeGreaterThan(0);
    expect(weights.length).toBeGreaterThan(4 * 61_706);
  });

  test('a worker that cannot be loaded is told of', async () => {
    const worker = new Worker(URL.createObjectURL(new Blob(['for (const of nothing'], { type: 'text/javascript' })));
    await expect(trainInWorker(worker, {}).result).rejects.toThrow('the worker failed');
  });
}

import { EAGER_REFERENCE, key } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { libraryOn } from '../peers/lemmata.js';
import { modelOf } from '../peers/onnx.js';
import { fingerprint } from '../data.js';
import { unet } from '../networks.js';
import { asDescribed } from '../peers/lemmata-parameters.js';
import type { TrainTask } from '../task.js';
import { allParts, workloads } from './index.js';
import { models, resnet18On, trained } from './networks.js';

const library = libraryOn(EAGER_REFERENCE, 'reference');
const find = (id: string) => workloads.find((workload) => workload.id === id)!;

test('every workload has our side, and a task where peers take part', () => {
  for (const { workload, part, name } of allParts) {
    if (workload.special === 'bundle') continue;
    expect(workload.special === 'coldstart' || workload.lemmata !== undefined, name).toBe(true);
    const forPeers = workload.peers === undefined || workload.peers.some((peer) => peer !== 'lemmata');
    expect(workload.task?.(part) !== undefined, name).toBe(forPeers);
  }
});

test('what is counted as floating-point operations', () => {
  expect(find('gemm512').flops!('')).toBe(2 * 512 ** 3);
  // For each of 32·64·16·16 outputs, 64·9 multiplications and additions; the gradients cost the same.
  for (const part of ['forward', 'input', 'weight-winograd'])
    expect(find('conv64x16').flops!(part)).toBe(2 * 32 * 64 * 16 * 16 * 64 * 9);
  expect(find('depthwise').flops!('forward')).toBe(2 * 8 * 128 * 28 * 28 * 9);
});

test('a convolution runs by Winograd’s algorithm where its part says so, and by sums otherwise; networks take what is fastest', () => {
  const { winograd } = find('conv64x16');
  expect(winograd!('forward-winograd')).toBe(true);
  expect(winograd!('forward')).toBe(false);
  expect(find('resnet20').winograd).toBeUndefined();
});

test('the LeNet-5 step starts where the peers start, and computes what PyTorch 2.13 computed', async () => {
  const { call, check } = await find('lenet').lemmata!(library, '');
  for (let i = 0; i < 3; i++) await call();
  const losses = await check();
  [2.304358, 2.304302, 2.304198].forEach((loss, i) => expect(losses[i]).toBeCloseTo(loss, 4));
});

test.each([
  ['lstm', [2, 5, 28], [2.3292222, 2.293916, 2.2589359]],
  ['vit', [2, 3, 32, 32], [2.3602843, 0.6443586, 0.4693724]],
  ['unet', [1, 3, 16, 16], [0.6975698, 0.696815, 0.6961285]],
] as const)('the %s step on a smaller batch: what PyTorch 2.13 computed', async (id, input, expected) => {
  const task = { ...(find(id).task!('') as TrainTask), input };
  const { call, check } = trained(library, models[id](), task);
  for (let i = 0; i < 3; i++) await call();
  const losses = await check();
  expected.forEach((loss, i) => expect(losses[i]).toBeCloseTo(loss, 4));
});

test('ResNet-18 without its norms on a smaller image: what PyTorch 2.13 computed with them', async () => {
  const received = await resnet18On(library, [1, 3, 32, 32]).check();
  [23.8637187, 24.1420679].forEach((value, i) => expect(received[i]).toBeCloseTo(value, 3));
});

test('a network and a description of another number of parameters are told apart', () => {
  const { params } = models.lenet().init(key(0), [1, 28, 28]);
  expect(() => asDescribed(library, unet, params)).toThrow('the network has 10 parameters, its description 36');
});

test('our side of an operation runs it on the values of the stream', async () => {
  const { call, check } = await find('softmax').lemmata!(library, '');
  await call();
  // Each of 1024 rows adds up to 1.
  expect((await check())[0]).toBeCloseTo(1024, 2);
  const { check: ofSum } = await find('eager-op').lemmata!(library, '');
  const [x, y] = [library.draw(1, 16).dataSync(), library.draw(2, 16).dataSync()];
  expect(await ofSum()).toEqual(fingerprint(x.map((value, i) => value + y[i]!)));
});

test('empty kernels: a unit of replay is one line of the program, on either backend', async () => {
  for (const of of [library, { ...library, name: 'wasm' } as const]) {
    for (const part of ['lenet', 'resnet20']) {
      const { call, units } = await find('replay').lemmata!(of, part);
      for (let i = 0; i < 3; i++) await call();
      expect(units).toBeGreaterThan(30);
    }
  }
});

test('an ONNX model of a sum, byte for byte', () => {
  const { bytes, inputs } = modelOf({ kind: 'add', length: 3 });
  expect(inputs).toEqual([
    { seed: 1, shape: [3] },
    { seed: 2, shape: [3] },
  ]);
  const text = String.fromCharCode(...bytes);
  // ir_version 8; node: inputs x0, x1, output v0, operator Add; graph's name; then inputs and output as float[3]; opset 17.
  expect(text).toContain('\n\x02x0\n\x02x1\x12\x02v0\x22\x03Add');
  expect(text.startsWith('\x08\x08\x3a')).toBe(true);
  expect(text.endsWith('\x42\x04\x0a\x00\x10\x11')).toBe(true);
});

test('what onnxruntime cannot do is said', () => {
  expect(() => modelOf(find('lenet').task!(''))).toThrow('cannot: onnxruntime runs inference only');
  expect(() => modelOf(find('conv1x28').task!('weight'))).toThrow('cannot: onnxruntime has no weight gradient');
});

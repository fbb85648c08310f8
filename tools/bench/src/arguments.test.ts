import { expect, test } from 'vitest';
import { parseArguments, sidesOf } from './arguments.js';
import { allParts, workloads } from './workloads/index.js';

const names = (...words: string[]): string[] => parseArguments(words).parts.map(({ name }) => name);

test('without arguments everything runs, on one thread', () => {
  const { json, parts, peers, threads } = parseArguments([]);
  expect(json).toBeUndefined();
  expect(parts).toBe(allParts);
  expect(peers).toEqual(['lemmata', 'torch', 'tfjs-wasm', 'jax', 'ort-web', 'ort-node']);
  expect(threads).toEqual([1]);
});

test('the workloads are the ones that are promised, each once', () => {
  const ids =
    'gemm512 gemm1024 conv64x16 conv64x56 conv1x28 depthwise bn maxpool relu4m add4m softmax lenet resnet20 lstm vit unet resnet18-infer coldstart bundle memory replay eager-op compile-time growth';
  expect(workloads.map(({ id }) => id)).toEqual(ids.split(' '));
});

test('a workload stands for all its parts, a part for itself; order and repetition do not matter', () => {
  expect(names('--only', 'conv1x28')).toEqual(['conv1x28:forward', 'conv1x28:input', 'conv1x28:weight']);
  expect(names('--only', 'gemm1024,conv1x28:weight,gemm512,gemm512')).toEqual([
    'gemm512',
    'gemm1024',
    'conv1x28:weight',
  ]);
});

test('sides are peers times threads, ours first', () => {
  const sides = sidesOf(parseArguments(['--peers', 'torch,lemmata', '--threads', '1,2,2', '--backend', 'wasm']));
  expect(sides).toEqual([
    { peer: 'lemmata', threads: 1, backend: 'wasm' },
    { peer: 'lemmata', threads: 2, backend: 'wasm' },
    { peer: 'torch', threads: 1, backend: 'wasm' },
    { peer: 'torch', threads: 2, backend: 'wasm' },
  ]);
});

test.each([
  [['--only', 'gemm'], 'unknown workload "gemm"; there are gemm512, '],
  [['--only', 'conv1x28:back'], '"conv1x28" has the parts forward, input, weight, not "back"'],
  [['--only', 'gemm512:forward'], '"gemm512" has no parts, not "forward"'],
  [['--only', ''], '--only needs a value'],
  [['--peers', 'numpy'], 'unknown peer "numpy"; there are lemmata, torch, '],
  [['--backend', 'gpu'], 'unknown backend "gpu"; there are reference, wasm'],
  [['--threads', '0'], '--threads: "0" is not a number of threads'],
  [['--threads', '1,'], '--threads: "" is not a number of threads'],
  [['--threads', '1.5'], '--threads: "1.5" is not a number of threads'],
  [['--json'], '--json needs a value'],
  [['--json', '--only'], '--json needs a value'],
  [['--json', 'a', '--json', 'b'], '--json is given twice'],
  [['out.json'], 'unknown option "out.json"'],
])('%j is refused', (words, message) => {
  expect(() => parseArguments(words)).toThrow(message);
});

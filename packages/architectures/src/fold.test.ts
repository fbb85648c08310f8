import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer, convTranspose2dLayer, depthwiseConv2dLayer, separableConv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { fold, infer, type Layer, sequential } from '@lemmata/nn';
import { Abstract, add, key, mul, type OpDef, randomNormal, type Tensor } from '@lemmata/tensor';
import { map, paths } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { bottleneckBlock, preActivationBlock, resnetCifar } from './index.js';

interface Outcome {
  /** The largest deviation of an output, in parts of the largest output. */
  readonly error: number;
  /** Names of the ops of the folded network, and of the other. */
  readonly ops: readonly string[];
  readonly before: readonly string[];
  readonly params: readonly string[];
}

/** A network with statistics of a batch and weights that are no initial ones, folded, in float32. */
function folded(net: Layer, inputShape: readonly number[]): Outcome {
  const drawn = net.init(key(1), inputShape);
  let seed = 2;
  const params = map(
    (leaf: any) => add(leaf as Tensor, mul(randomNormal(key(seed++), leaf.shape), 0.1)) as any,
    drawn.params,
  );
  const x = randomNormal(key(0), [8, ...inputShape]);
  const state = net.apply(params, drawn.state, x, { train: true, key: key(9) })[1];
  const made = fold(net, params, state, inputShape);
  const expected = infer(net, params, state, x).dataSync();
  const received = infer(made.layer, made.params, made.state, x).dataSync();
  const largest = Math.max(...Array.from(expected, Math.abs));
  const error = Math.max(...Array.from(received, (v, i) => Math.abs(v - expected[i]!))) / largest;
  const before = opsOf(net, params, state, x.shape);
  return { error, before, ops: opsOf(made.layer, made.params, made.state, x.shape), params: paths(made.params) };
}

/** Names of the ops that inference consists of. */
function opsOf(layer: Layer, params: unknown, state: unknown, shape: readonly number[]): string[] {
  const names: string[] = [];
  class Record extends Abstract {
    override bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
      names.push(op.name);
      return super.bind(op, attrs, inputs);
    }
  }
  infer(layer, params, state, new Record().tensor({ shape, dtype: 'float32' }));
  return names;
}

/** Of one layer 2⁻²² of the sum of magnitudes, as `fold` says; a sum of a few hundred terms is some ten times its value. */
const ONE = 3e-6;
const NORMS = /norm/i;

describe('a convolution with batch norm behind it', () => {
  const options = { outChannels: 4, kernelSize: 3, padding: 1 };
  const cases: readonly [string, Layer][] = [
    ['with a bias', conv2dLayer(options)],
    ['without a bias', conv2dLayer({ ...options, bias: false })],
    ['in groups', conv2dLayer({ ...options, groups: 2, paddingMode: 'reflect' })],
    ['transposed', convTranspose2dLayer({ ...options, stride: 2 })],
    ['transposed in groups, without a bias', convTranspose2dLayer({ ...options, groups: 2, bias: false })],
    ['depthwise', depthwiseConv2dLayer({ kernelSize: 3, multiplier: 2 })],
    ['separable', separableConv2dLayer({ outChannels: 3, kernelSize: 3 })],
  ];

  test.each(cases)('%s', (_name, conv) => {
    const net = sequential({ conv, bn: batchNormLayer(), relu: reluLayer() });
    const { error, ops, before, params } = folded(net, [4, 6, 6]);
    expect(error).toBeLessThan(ONE);
    expect(before.some((op) => NORMS.test(op))).toBe(true);
    expect(ops.filter((op) => NORMS.test(op))).toEqual([]);
    expect(params.every((path) => path.startsWith('conv.'))).toBe(true);
    expect(params.at(-1)).toMatch(/bias$/);
  });
});

test('linear layers take it in where their outputs are the channels', () => {
  const net = sequential({
    flat: flattenLayer(),
    fc: linearLayer({ outFeatures: 5, bias: false }),
    bn: batchNormLayer(),
  });
  const { error, ops } = folded(net, [4, 3, 3]);
  expect(error).toBeLessThan(ONE);
  expect(ops.filter((op) => NORMS.test(op))).toEqual([]);
  // Of [N, 4, 5] the channels of the norm are the four places.
  const places = sequential({ fc: linearLayer({ outFeatures: 5 }), bn: batchNormLayer() });
  expect(folded(places, [4, 3]).ops.some((op) => NORMS.test(op))).toBe(true);
  expect(folded(places, [4, 3]).error).toBe(0);
});

describe('residual networks', () => {
  test.each(['parameterFree', 'projection'] as const)('ResNet-20, %s shortcuts: no norm is left', (shortcut) => {
    const { error, ops, before, params } = folded(resnetCifar({ width: 4, shortcut }), [3, 16, 16]);
    expect(before.filter((op) => NORMS.test(op)).length).toBeGreaterThanOrEqual(19);
    expect(ops.filter((op) => NORMS.test(op))).toEqual([]);
    expect(params.filter((path) => /bn|downsample\.1/.test(path))).toEqual([]);
    // Through 19 folded layers.
    expect(error).toBeLessThan(10 * ONE);
  });

  test('a bottleneck; of a pre-activation block the first norm has nothing before it', () => {
    const options = { inChannels: 8, channels: 4, stride: 2 };
    expect(folded(bottleneckBlock(options), [8, 6, 6]).ops.filter((op) => NORMS.test(op))).toEqual([]);
    const { error, params } = folded(preActivationBlock(options), [8, 6, 6]);
    expect(params.filter((path) => path.startsWith('bn'))).toEqual(['bn1.weight', 'bn1.bias']);
    expect(error).toBeLessThan(10 * ONE);
  });
});

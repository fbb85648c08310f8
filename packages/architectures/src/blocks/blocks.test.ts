import { type Layer, summary } from '@lemmata/nn';
import { Abstract, key, permute, randomNormal, tensor } from '@lemmata/tensor';
import { paths } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import {
  basicBlock,
  bottleneckBlock,
  preActivationBlock,
  transformerEncoder,
  transformerEncoderBlock,
} from './index.js';

const made = (layer: Layer, inputShape: readonly number[]) =>
  layer.init(new Abstract().tensor({ shape: [2], dtype: 'int32' }), inputShape);
const names = (layer: Layer, inputShape: readonly number[]): readonly string[] => paths(made(layer, inputShape).params);

describe('residual blocks', () => {
  const change = { inChannels: 4, channels: 4, stride: 2 };

  test('names as in torchvision', () => {
    const norm = (name: string): string[] => [`${name}.weight`, `${name}.bias`];
    const down = ['downsample.0.weight', ...norm('downsample.1')];
    const two = ['conv1.weight', ...norm('bn1'), 'conv2.weight', ...norm('bn2')];
    expect(names(basicBlock({ inChannels: 4, channels: 4 }), [4, 8, 8])).toEqual(two);
    expect(names(basicBlock(change), [4, 8, 8])).toEqual([...two, ...down]);
    expect(names(basicBlock({ ...change, shortcut: 'parameterFree' }), [4, 8, 8])).toEqual(two);
    expect(names(bottleneckBlock(change), [4, 8, 8])).toEqual([...two, 'conv3.weight', ...norm('bn3'), ...down]);
    expect(names(preActivationBlock(change), [4, 8, 8])).toEqual([
      ...norm('bn1'),
      'conv1.weight',
      ...norm('bn2'),
      'conv2.weight',
      'downsample.weight',
    ]);
    expect(names(preActivationBlock({ inChannels: 16, channels: 4, bottleneck: true }), [16, 8, 8])).toHaveLength(9);
  });

  test('shapes: half the size for a stride of 2, rounded up', () => {
    expect(made(basicBlock(change), [4, 7, 8]).outputShape).toEqual([4, 4, 4]);
    expect(made(bottleneckBlock(change), [4, 7, 8]).outputShape).toEqual([16, 4, 4]);
    expect(made(preActivationBlock({ ...change, bottleneck: true }), [4, 1, 1]).outputShape).toEqual([16, 1, 1]);
  });

  test('the stride of a bottleneck is on its 3×3', () => {
    const { rows } = summary(bottleneckBlock(change), [4, 8, 8]);
    const size = (name: string): number => rows.find((row) => row.name === name)!.outputShape[1]!;
    expect([size('conv1'), size('conv2'), size('conv3'), size('downsample')]).toEqual([8, 4, 4, 4]);
  });

  test('options are checked, all at once', () => {
    expect(() => basicBlock({ inChannels: 0, channels: 1.5, stride: -1, shortcut: 'none' as never })).toThrow(
      'basicBlock: 4 problems\n' +
        '  1. inChannels must be a positive integer, received 0\n' +
        '  2. channels must be a positive integer, received 1.5\n' +
        '  3. stride must be a positive integer, received -1\n' +
        "  4. shortcut is one of projection, parameterFree, received 'none'",
    );
    expect(() => basicBlock({ inChannels: 1 } as never)).toThrow(/channels must be .* received undefined/);
    expect(() => basicBlock({ inChannels: 1, channels: 1, expansion: 4 } as never)).toThrow(/unknown option/);
    expect(() => bottleneckBlock({ inChannels: 8, channels: 1, shortcut: 'parameterFree' })).toThrow(
      'a parameter-free shortcut cannot take channels away, from 8 to 4',
    );
    expect(() => preActivationBlock({ inChannels: 8, channels: 8, expansion: 2 } as never)).toThrow(/unknown option/);
  });
});

describe('transformerEncoderBlock', () => {
  test('names as in torchvision, and as many parameters as 12 E² + 13 E', () => {
    const block = transformerEncoderBlock({ embedDim: 8, numHeads: 2 });
    expect(names(block, [5, 8])).toEqual([
      'ln_1.weight',
      'ln_1.bias',
      'self_attention.in_proj_weight',
      'self_attention.in_proj_bias',
      'self_attention.out_proj.weight',
      'self_attention.out_proj.bias',
      'ln_2.weight',
      'ln_2.bias',
      'mlp.0.weight',
      'mlp.0.bias',
      'mlp.3.weight',
      'mlp.3.bias',
    ]);
    expect(summary(block, [5, 8]).parameters).toBe(12 * 64 + 13 * 8);
  });

  test('without biases there are none', () => {
    const bare = transformerEncoderBlock({ embedDim: 8, numHeads: 2, bias: false });
    expect(names(bare, [5, 8])).toEqual([
      'ln_1.weight',
      'self_attention.in_proj_weight',
      'self_attention.out_proj.weight',
      'ln_2.weight',
      'mlp.0.weight',
      'mlp.3.weight',
    ]);
  });

  test.each([true, false])(
    'as a function it gives what the layer gives, dropout and all: normFirst %j',
    (normFirst) => {
      const options = { embedDim: 4, numHeads: 2, dropout: 0.3, attentionDropout: 0.2, normFirst, causal: true };
      const block = transformerEncoderBlock(options);
      const { params, state } = block.init(key(0), [3, 4]);
      const x = randomNormal(key(1), [2, 3, 4]);
      for (const context of [{ train: false }, { train: true, key: key(2) }]) {
        const [expected] = block.apply(params, state, x, context);
        expect(transformerEncoder(x, params, options, {}, context).toArray()).toEqual(expected.toArray());
      }
      const turned = permute(
        transformerEncoder(permute(x, [1, 0, 2]), params, options, { batchFirst: false }),
        [1, 0, 2],
      );
      expect(turned.toArray()).toEqual(block.apply(params, state, x, { train: false })[0].toArray());
      expect(() => transformerEncoder(x, params, { ...options, embedDim: 6 })).toThrow(/^(ln_1 > layerNorm|mlp > )/);
    },
  );

  test('padding reaches nothing: NaN in it stays in its own place', () => {
    const options = { embedDim: 4, numHeads: 1 };
    const { params } = transformerEncoderBlock(options).init(key(0), [2, 4]);
    const x = tensor([
      [
        [1, 2, 3, 5],
        [NaN, NaN, NaN, NaN],
      ],
    ]);
    const keyPaddingMask = tensor([[0, 1]], { dtype: 'bool' });
    const y = [...transformerEncoder(x, params, options, { keyPaddingMask }).dataSync()];
    expect(y.map(Number.isNaN)).toEqual([false, false, false, false, true, true, true, true]);
  });

  test('options are checked', () => {
    expect(() => transformerEncoderBlock({ embedDim: 6, numHeads: 4 })).toThrow(
      'transformerEncoderBlock: numHeads 4 must divide embedDim, received 6',
    );
    expect(() => transformerEncoderBlock({ embedDim: 8, numHeads: 2, dropout: 1, eps: 0 })).toThrow(/2 problems/);
    expect(() => transformerEncoderBlock({ numHeads: 2 } as never)).toThrow(/embedDim must be a positive integer/);
    expect(() => transformerEncoderBlock({ embedDim: 8, numHeads: 2, heads: 3 } as never)).toThrow(/numHeads/);
  });
});

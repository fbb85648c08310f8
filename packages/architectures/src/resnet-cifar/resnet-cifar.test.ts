import { countParameters, summary } from '@lemmata/nn';
import { Abstract, key, randomNormal } from '@lemmata/tensor';
import { paths } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { resnetCifar } from './index.js';

const parameters = (options: Parameters<typeof resnetCifar>[0]): number =>
  summary(resnetCifar(options), [3, 32, 32]).parameters;

describe('resnetCifar', () => {
  test('has the published numbers of parameters', () => {
    expect(parameters({})).toBe(269_722);
    expect(parameters({ shortcut: 'projection' })).toBe(272_474);
    // The paper's table 6 in millions: 0.27, 0.46, 0.66, 0.85, 1.7.
    expect([20, 32, 44, 56, 110].map((depth) => (parameters({ depth }) / 1e6).toFixed(2))).toEqual([
      '0.27',
      '0.46',
      '0.66',
      '0.85',
      '1.73',
    ]);
  });

  test('names its parameters as torchvision names those of a ResNet', () => {
    const model = resnetCifar({ shortcut: 'projection' });
    const { params, state } = model.init(new Abstract().tensor({ shape: [2], dtype: 'int32' }), [3, 32, 32]);
    const names = [...paths(params), ...paths(state)];
    for (const name of [
      'conv1.weight',
      'bn1.running_mean',
      'layer1.0.conv1.weight',
      'layer2.0.downsample.0.weight',
      'layer2.0.downsample.1.running_var',
      'layer3.2.bn2.bias',
      'fc.weight',
      'fc.bias',
    ]) {
      expect(names).toContain(name);
    }
    expect(names.some((name) => name.includes('layer1.0.downsample'))).toBe(false);
  });

  test('gives one logit a class for images of any size that its strides leave', () => {
    const model = resnetCifar({ width: 4, classes: 7 });
    for (const size of [32, 9, 1]) {
      const { params, state, outputShape } = model.init(key(0), [3, size, size]);
      expect(outputShape).toEqual([7]);
      expect(model.apply(params, state, randomNormal(key(1), [2, 3, size, size]), { train: false })[0].shape).toEqual([
        2, 7,
      ]);
    }
    expect(countParameters(model.init(key(0), [3, 8, 8]).params)).toBe(summary(model, [3, 8, 8]).parameters);
  });

  test('the receptive field along the body of the blocks, stage by stage', () => {
    const rows = summary(resnetCifar(), [3, 32, 32]).rows;
    const field = (name: string): number => rows.find((row) => row.name === name)!.field![0]!.size;
    // 3×3 layers: 1 + 6 at stride 1; 1 more at stride 1 and 5 at 2; 1 more at 2 and 5 at 4.
    expect(field('layer1')).toBe(1 + 2 * 7);
    expect(field('layer2')).toBe(1 + 2 * 8 + 2 * 2 * 5);
    expect(field('layer3')).toBe(1 + 2 * 8 + 2 * 2 * 6 + 2 * 4 * 5);
  });

  test('refuses other depths and unknown options', () => {
    expect(() => resnetCifar({ depth: 21 })).toThrow(/depth is 6n \+ 2 .* received 21/);
    expect(() => resnetCifar({ layers: 3 } as never)).toThrow(/unknown option 'layers'/);
  });
});

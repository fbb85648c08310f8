import { readFileSync } from 'node:fs';
import { type Summary, summary } from '@lemmata/nn';
import { Abstract, type Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, FAMILIES } from './index.js';

const stateNames = new URL('../../test/state-names.json', import.meta.url);

const total = ({ rows }: Summary, of: 'parameters' | 'flops'): number =>
  rows.filter(({ innermost }) => innermost).reduce((sum, row) => sum + row[of], 0);

describe('every network by name is what is declared of it', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (const [name, declared] of Object.entries(CATALOGUE)) {
    test(`${name}`, () => {
      const found = summary(declared.make(), declared.inputShape);
      const { outputShape, parameters, flops, rows } = found;
      expect({ outputShape, parameters, flops }).toEqual({
        outputShape: declared.outputShape,
        parameters: declared.parameters,
        flops: declared.flops,
      });
      // Innermost layers add up to the whole.
      expect([total(found, 'parameters'), total(found, 'flops')]).toEqual([parameters, flops]);
      if (declared.receptiveField !== undefined) {
        const last = rows.findLast(({ field, innermost }) => innermost && field !== null)!;
        expect(last.field!.map(({ size }) => size)).toEqual([declared.receptiveField, declared.receptiveField]);
      }
    });
  }
  test('without a parameter being made', () => {
    // The largest alone would take half a gigabyte.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });
});

test('there are as many as the first page says', () => {
  const page = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  expect(/any of (\d+) networks/.exec(page)![1]).toBe(String(Object.keys(CATALOGUE).length));
});

test('families go by the names of what makes them', () => {
  for (const [name, make] of Object.entries(FAMILIES)) expect(make.name).toBe(name);
});

describe('published figures, found independently', () => {
  // Multiply-adds in 10⁹, as listed with torchvision's weights ("GFLOPS"): https://pytorch.org/vision/stable/models.html
  const published = {
    alexnet: 0.71,
    vgg11: 7.61,
    vgg13: 11.31,
    vgg16: 15.47,
    vgg19: 19.63,
    resnet18: 1.81,
    resnet34: 3.66,
    resnet50: 4.09,
    resnet101: 7.8,
    resnet152: 11.51,
    mobilenet_v2: 0.3,
    vit_b_16: 17.56,
    vit_b_32: 4.41,
  };
  for (const [name, billions] of Object.entries(published)) {
    test(`${name}: ${billions}·10⁹ multiply-adds`, () => {
      expect(Number((CATALOGUE[name]!.flops / 1e9).toFixed(2))).toBe(billions);
    });
  }

  test('receptive fields of Araujo, Norris and Sim 2019, https://distill.pub/2019/computing-receptive-fields/', () => {
    expect(CATALOGUE['alexnet']!.receptiveField).toBe(195);
    expect(CATALOGUE['vgg16']!.receptiveField).toBe(212);
    expect(CATALOGUE['mobilenet_v2']!.receptiveField).toBe(491);
  });

  test('receptive fields of residual networks for small images: n blocks of two 3×3 in stages of step 1, 2 and 4', () => {
    for (const [name, n] of [
      ['resnet20', 3],
      ['resnet32', 5],
      ['resnet44', 7],
      ['resnet56', 9],
      ['resnet110', 18],
      ['preact_resnet110', 18],
    ] as const) {
      expect(CATALOGUE[name]!.receptiveField).toBe(
        1 + 2 * (1 + 2 * n) + 2 * (1 + 2 * (2 * n - 1)) + 2 * (2 + 4 * (2 * n - 1)),
      );
    }
  });

  test('parameters in millions, as their papers have them', () => {
    const millions = { resnet110: 1.7, preact_resnet164: 1.7, nin: 0.97, fcn8s: 134, segnet: 29.5, unet: 31 };
    for (const [name, each] of Object.entries(millions)) {
      expect(Math.abs(CATALOGUE[name]!.parameters / 1e6 - each)).toBeLessThan(each < 100 ? 0.05 : 0.5);
    }
  });
});

describe('names and shapes of parameters and state are torchvision’s', () => {
  const { models } = JSON.parse(readFileSync(stateNames, 'utf8')) as {
    models: Record<string, { parameters: number; state: Record<string, number[]> }>;
  };
  test('there are networks to compare', () => {
    expect(Object.keys(models)).toHaveLength(12);
  });
  for (const [name, { parameters, state: expected }] of Object.entries(models)) {
    test(`${name}`, () => {
      const { make, inputShape } = CATALOGUE[name]!;
      expect(CATALOGUE[name]!.parameters).toBe(parameters);
      const { params, state } = make().init(new Abstract().tensor({ shape: [2], dtype: 'int32' }), inputShape);
      const found = Object.entries({ ...toRecord(params), ...toRecord(state) } as Record<string, Tensor>);
      expect(Object.fromEntries(found.map(([path, t]) => [path, t.shape]))).toEqual(expected);
    });
  }
});

import { countParameters, infer, type Layer, summary } from '@lemmata/nn';
import { key, randomNormal, type Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { LENET5, lenet5, type Lenet5Options } from './index.js';

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};
const images = (n: number, size = 28): Tensor => randomNormal(key(9), [n, 1, size, size]);

describe('lenet5', () => {
  test('has the declared parameters, output and receptive field', () => {
    const { rows, parameters, outputShape, stateSize } = summary(lenet5(), LENET5.inputShape);
    expect(parameters).toBe(LENET5.parameters);
    expect(outputShape).toEqual(LENET5.outputShape);
    expect(stateSize).toBe(0);
    const field = rows.find(({ name }) => name === 'pool2')!.field!;
    expect(field.map(({ size }) => size)).toEqual([LENET5.receptiveField, LENET5.receptiveField]);
    expect(rows.map(({ name, outputShape, parameters }) => [name, outputShape.join('×'), parameters])).toEqual([
      ['conv1', '6×28×28', 156],
      ['act1', '6×28×28', 0],
      ['pool1', '6×14×14', 0],
      ['conv2', '16×10×10', 2416],
      ['act2', '16×10×10', 0],
      ['pool2', '16×5×5', 0],
      ['flatten', '400', 0],
      ['fc1', '120', 48_120],
      ['act3', '120', 0],
      ['fc2', '84', 10_164],
      ['act4', '84', 0],
      ['fc3', '10', 850],
    ]);
  });

  test('names its parameters as PyTorch would', () => {
    const { params } = lenet5().init(key(0), [1, 28, 28]);
    expect(Object.entries(toRecord(params)).map(([name, t]) => [name, (t as Tensor).shape])).toEqual([
      ['conv1.weight', [6, 1, 5, 5]],
      ['conv1.bias', [6]],
      ['conv2.weight', [16, 6, 5, 5]],
      ['conv2.bias', [16]],
      ['fc1.weight', [120, 400]],
      ['fc1.bias', [120]],
      ['fc2.weight', [84, 120]],
      ['fc2.bias', [84]],
      ['fc3.weight', [10, 84]],
      ['fc3.bias', [10]],
    ]);
    expectTypeOf(params.conv1.weight).toEqualTypeOf<Tensor>();
    expectTypeOf(params.fc3.weight).toEqualTypeOf<Tensor>();
  });

  test('gives a row of logits for every image, of which none sees another', () => {
    const net = lenet5();
    const { params, state } = net.init(key(1), [1, 28, 28]);
    const y = infer(net, params, state, images(3));
    expect(y.shape).toEqual([3, 10]);
    const values = Array.from(y.dataSync());
    expect(values.every(Number.isFinite)).toBe(true);
    expect(new Set(values).size).toBe(30);
    expect(Array.from(infer(net, params, state, images(1)).dataSync())).toEqual(values.slice(0, 10));
  });

  const parameters = (options: Lenet5Options, shape = [1, 28, 28]): number =>
    summary(lenet5(options), shape).parameters;

  test('the original takes 32×32 without padding, and has as many', () => {
    expect(parameters({ padding: 0, activation: 'tanh', pool: 'average' }, [1, 32, 32])).toBe(61_706);
  });

  test('options change what they say', () => {
    expect(parameters({ classes: 26 })).toBe(61_706 + 16 * 85);
    expect(parameters({}, [3, 28, 28])).toBe(61_706 + 2 * 6 * 25);
    // Batch norm has two numbers for each channel, and takes the place of the bias.
    expect(parameters({ batchNorm: true })).toBe(61_706 + 6 + 16);
    expect(summary(lenet5({ batchNorm: true }), [1, 28, 28]).stateSize).toBe(2 * (6 + 16));
    expect(parameters({ dropout: 0.5 })).toBe(61_706);
    const kinds = (options: Lenet5Options): string[] =>
      summary(lenet5(options), [1, 28, 28]).rows.map(({ kind }) => kind);
    expect(kinds({ batchNorm: true, dropout: 0.5, activation: 'gelu', pool: 'average' })).toEqual([
      'conv2d',
      'batchNorm',
      'gelu',
      'avgPool2d',
      'conv2d',
      'batchNorm',
      'gelu',
      'avgPool2d',
      'flatten',
      'linear',
      'gelu',
      'dropout',
      'linear',
      'gelu',
      'dropout',
      'linear',
    ]);
    for (const activation of ['relu', 'leakyRelu', 'elu', 'gelu', 'silu', 'sigmoid', 'tanh'] as const) {
      expect(kinds({ activation }).filter((kind) => kind === activation)).toHaveLength(4);
    }
  });

  test('with batch norm and dropout it trains: the state moves on, and the key decides what is dropped', () => {
    const net: Layer = lenet5({ batchNorm: true, dropout: 0.5 });
    const { params, state } = net.init(key(1), [1, 28, 28]);
    const run = (seed: number) => net.apply(params, state, images(4), { train: true, key: key(seed) });
    const [y, next] = run(2);
    expect(Array.from(run(2)[0].dataSync())).toEqual(Array.from(y.dataSync()));
    expect(Array.from(run(3)[0].dataSync())).not.toEqual(Array.from(y.dataSync()));
    expect(Array.from(next.bn1.running_mean.dataSync())).not.toEqual(Array.from(state.bn1.running_mean.dataSync()));
    expect(infer(net, params, state, images(4)).shape).toEqual([4, 10]);
    expect(countParameters(next)).toBe(countParameters(state));
    expect(message(() => net.apply(params, state, images(4), { train: true }))).toMatch(/key/);
  });

  test('an image that is too small is refused by the layer that cannot take it', () => {
    const refusal = (size: number): string => message(() => lenet5().init(key(0), [1, size, size]));
    expect(refusal(12)).toBe('no error');
    expect(refusal(11)).toMatch(/^pool2 > maxPool2d: /);
    expect(refusal(10)).toMatch(/^pool2 > maxPool2d: /);
    expect(refusal(8)).toMatch(/^conv2 > conv2d: .*the kernel spans 5, but the padded input has 4/s);
    expect(refusal(0)).toMatch(/^conv1 > conv2d: /);
    expect(message(() => lenet5().init(key(0), [28, 28]))).toMatch(/^conv1 > conv2d: /);
    const { params, state } = lenet5().init(key(0), [1, 28, 28]);
    expect(message(() => infer(lenet5(), params, state, images(1, 32)))).toMatch(
      /^fc1 > linear: weight reads 400 features/,
    );
  });

  test('options are checked, all at once', () => {
    expect(message(() => lenet5({ class: 3 } as never))).toMatch(
      /^lenet5: unknown option 'class'; did you mean 'classes'/,
    );
    expect(
      message(() =>
        lenet5({
          classes: 0,
          padding: -1,
          activation: 'rleu' as never,
          pool: 'mean' as never,
          batchNorm: 1 as never,
          dropout: 1,
        }),
      ),
    ).toBe(
      [
        'lenet5: 6 problems',
        '  1. classes must be a positive integer, received 0',
        '  2. padding must be a non-negative integer, received -1',
        "  3. activation is one of relu, leakyRelu, elu, gelu, silu, sigmoid, tanh, received 'rleu'",
        "  4. pool is one of max, average, received 'mean'",
        '  5. batchNorm must be true or false, received 1',
        '  6. dropout must be from 0 to below 1, received 1',
      ].join('\n'),
    );
    expect(message(() => lenet5({ activation: 'toString' as never }))).toMatch(/activation is one of/);
  });
});

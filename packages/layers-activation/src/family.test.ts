import type { Layer } from '@lemmata/nn';
import { key, NO_ATTRS, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import * as activations from './index.js';

const { glu, gluLayer, hardtanh, logSoftmaxLayer, maxout, maxoutLayer, prelu, preluLayer, celu, relu6 } = activations;
const { Relu, Softsign, softmaxLayer } = activations;
const all = activations as unknown as Readonly<Record<string, any>>;
const names = Object.keys(all).flatMap((name) => (name.endsWith('Layer') ? [name.slice(0, -5)] : []));
/** What cannot be left out. */
const needed: Readonly<Record<string, object>> = { maxout: { pieces: 2 } };

describe('each activation', () => {
  test.each(names)('%s: op, function and layer have its name, and refuse options that are none', (name) => {
    const op = all[`${name[0].toUpperCase()}${name.slice(1)}`];
    if (op !== undefined) expect(op.name).toBe(name);
    expect(all[`${name}Layer`](needed[name]).kind).toBe(name);
    const refusal = (where: string): string => `${where}: unknown option 'nonsense'`;
    expect(() => all[`${name}Layer`]({ ...needed[name], nonsense: 1 })).toThrow(refusal(`${name}Layer`));
  });

  test.each(['celu', 'elu', 'gelu', 'glu', 'hardtanh', 'leakyRelu', 'maxout', 'softplus'])(
    '%s as a function refuses them too',
    (name) => {
      expect(() => all[name](tensor([[1, 2]]), { ...needed[name], nonsense: 1 })).toThrow(
        `${name}: unknown option 'nonsense'`,
      );
    },
  );

  test.each(['hardsigmoid', 'hardswish', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'silu', 'softsign', 'tanh'])(
    '%s takes no options, and says so',
    (name) => {
      expect(() => all[`${name}Layer`]({ nonsense: 1 })).toThrow(/\(it takes no options\)$/);
    },
  );

  test.each(
    names.filter((name) => !['glu', 'maxout', 'prelu', 'relu', 'relu6', 'softmax', 'logSoftmax'].includes(name)),
  )('%s of integers is float32', (name) =>
    expect(all[name](tensor([-2, 3], { dtype: 'int32' })).dtype).toBe('float32'),
  );

  test('relu6 keeps integers, and makes them of truth values', () => {
    expect(relu6(tensor([-2, 9], { dtype: 'int32' })).dtype).toBe('int32');
    expect(relu6(tensor([true, false])).dtype).toBe('int32');
  });
});

describe('what they refuse', () => {
  const x: Tensor = tensor([[1, 2, 3]]);
  test.each<[string, () => unknown]>([
    ['celu: alpha must be a finite number other than 0, received 0', () => celu(x, { alpha: 0 })],
    ["celu: alpha must be a finite number other than 0, received '1'", () => celu(x, { alpha: '1' as never })],
    ['hardtanh: min must not be above max, received 2 and 1', () => hardtanh(x, { min: 2, max: 1 })],
    [
      'glu: the axis must fall into two halves (axis 1, received 3). Give the layer before it twice as many outputs.\n  shapes: x [1, 3]',
      () => glu(x),
    ],
    ['glu: axis must be an integer, received 0.5', () => glu(x, { axis: 0.5 })],
    ['glu: axis 0 is the batch: its rows do not gate each other', () => gluLayer({ axis: 0 }).init(key(0), [4])],
    [
      'maxout: pieces 2 must divide the axis (axis 1, received 3). Give the layer before it 2 times as many outputs.\n  shapes: x [1, 3]',
      () => maxout(x, { pieces: 2 }),
    ],
    ['maxout: pieces must be a positive integer, received 0', () => maxout(x, { pieces: 0 })],
    [
      'maxout: axis 0 is the batch: its rows do not compete',
      () => maxoutLayer({ pieces: 1, axis: 0 }).init(key(0), [4]),
    ],
    [
      'prelu: weight has one element, or one for each of the 3 channels (received [2], expected [1] or [3]).\n  shapes: x [1, 3], weight [2]',
      () => prelu(x, tensor([1, 2])),
    ],
    [
      'prelu: numParameters is 1 or the number of channels (axis 0, received 2, expected 3).\n  shapes: input [3, 4]',
      () => preluLayer({ numParameters: 2 }).init(key(0), [3, 4]),
    ],
    ['logSoftmax: axis 0 is the batch: its rows are independent', () => logSoftmaxLayer({ axis: 0 }).init(key(0), [3])],
  ])('%s', (message, f) => expect(f).toThrow(message));

  test('axes that there are not, by name', () => {
    const init = (layer: Layer): unknown => layer.init(key(0), [4]);
    expect(() => glu(x, { axis: 5 })).toThrow(/^glu: /);
    expect(() => init(gluLayer({ axis: 5 }))).toThrow(/^glu: /);
    expect(() => maxout(x, { pieces: 1, axis: 5 })).toThrow(/^maxout: /);
    expect(() => init(maxoutLayer({ pieces: 1, axis: 5 }))).toThrow(/^maxout: /);
    for (const [name, layer] of [
      ['softmax', softmaxLayer],
      ['logSoftmax', logSoftmaxLayer],
    ] as const) {
      expect(() => init(layer({ axis: 5 }))).toThrow(`${name}: `);
      expect(() => layer({ axis: 5 }).window!([3])).toThrow(`${name}: `);
      expect(() => layer({ axis: 0.5 })).toThrow(`${name}Layer: axis must be an integer, received 0.5`);
    }
  });

  test('a gradient of another shape, by the name of the op that would take it', () => {
    expect(() => Softsign.vjp!(NO_ATTRS, [tensor([1])], [x], [x], [true])).toThrow(/^softsign\.gradient: /);
  });
});

test('relu reads its derivative from what it gave, so that its input need not be kept', () => {
  const [y, lost] = [tensor([0, 2]), tensor([NaN, NaN])];
  const [gradient] = Relu.vjp!(NO_ATTRS, [tensor([5, 7])], [lost], [y], [true]);
  expect(gradient!.toArray()).toEqual([0, 7]);
});

test('prelu of integers is float32', () => {
  const [x, weight] = [tensor([-2, 3], { dtype: 'int32' }), tensor([2], { dtype: 'int32' })];
  expect(prelu(x, weight).dtype).toBe('float32');
});

test('logSoftmax over channels keeps to a place; over another axis it sees all of it', () => {
  expect(logSoftmaxLayer().window!([3, 4, 5])).toEqual([{ kernel: 1 }, { kernel: 1 }]);
  expect(logSoftmaxLayer({ axis: 2 }).window!([3, 4, 5])).toBe(null);
});

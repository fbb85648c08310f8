import { vjp } from '@lemmata/autograd';
import { apply, key, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { groupNorm, groupNormLayer } from './index.js';
import { GroupNorm } from './op.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

describe('groupNorm', () => {
  test('groups are blocks of consecutive channels', () => {
    const x = tensor([1, 3, 10, 30], { shape: [1, 4, 1], dtype: 'float64' });
    values(groupNorm(x, 2, null, null, { eps: 1e-12 })).forEach((v, i) =>
      expect(v).toBeCloseTo(i % 2 === 0 ? -1 : 1, 9),
    );
  });

  test('weight and bias are by channel', () => {
    const x = tensor([1, 3, 10, 30], { shape: [1, 4, 1], dtype: 'float64' });
    const [weight, bias] = [
      [1, 2, 3, 4],
      [0, 0, 5, 5],
    ].map((list) => tensor(list, { dtype: 'float64' }));
    const y = values(groupNorm(x, 2, weight, bias, { eps: 1e-12 }));
    [-1, 2, 2, 9].forEach((v, i) => expect(y[i]).toBeCloseTo(v, 8));
  });

  test('N6: a large mean costs no digits', () => {
    const y = values(groupNorm(tensor([40000, 40001, 40002, 40003], { shape: [1, 2, 2] }), 1));
    [-1.34164, -0.44721, 0.44721, 1.34164].forEach((v, i) => expect(y[i]).toBeCloseTo(v, 4));
  });

  test('N7: without variance the output is the bias and the gradient finite', () => {
    const x = tensor([3, 3, 3, 3], { shape: [1, 2, 2], dtype: 'float64' });
    const { value, pullback } = vjp((t: Tensor) => groupNorm(t, 1), x);
    expect(values(value)).toEqual([0, 0, 0, 0]);
    const [gradient] = pullback(tensor([1, 0, 0, -1], { shape: [1, 2, 2], dtype: 'float64' }));
    [1, 0, 0, -1].forEach((u, i) => expect(values(gradient)[i]).toBeCloseTo(u / Math.sqrt(1e-5), 9));
  });

  test('N8: deviations beyond 10¹⁹ overflow float32, and give 0; float64 holds them', () => {
    const list = [-1e30, 1e30, 0, 0];
    expect(values(groupNorm(tensor(list, { shape: [1, 1, 4] }), 1)).map(Math.abs)).toEqual([0, 0, 0, 0]);
    const wide = values(groupNorm(tensor(list, { shape: [1, 1, 4], dtype: 'float64' }), 1));
    [-Math.SQRT2, Math.SQRT2, 0, 0].forEach((v, i) => expect(wide[i]).toBeCloseTo(v, 12));
  });

  test('N9: a group of one value has no variance: it throws', () => {
    expect(() => groupNorm(zeros([2, 4]), 4)).toThrow(
      'groupNorm: each group needs more than one value for its variance (received 1). Use fewer groups.',
    );
    expect(groupNorm(zeros([2, 4, 2]), 4).shape).toEqual([2, 4, 2]);
  });

  test('NaN in a group stays in that group', () => {
    const y = groupNorm(tensor([NaN, 1, 2, 3], { shape: [1, 4, 1] }), 2);
    expect(values(y).map(Number.isNaN)).toEqual([true, true, false, false]);
  });

  test('a batch of nothing gives nothing, and gradients of 0', () => {
    const { value, pullback } = vjp(
      (x: Tensor, w: Tensor, b: Tensor) => groupNorm(x, 2, w, b),
      zeros([0, 4, 2]),
      zeros([4]),
      zeros([4]),
    );
    expect(value.shape).toEqual([0, 4, 2]);
    expect(pullback(zeros([0, 4, 2])).map(values)).toEqual([[], [0, 0, 0, 0], [0, 0, 0, 0]]);
  });

  test('an eps below 0 is taken as it is', () => {
    const x = tensor([-2, 2], { shape: [1, 2], dtype: 'float64' });
    expect(values(groupNorm(x, 1, null, null, { eps: -3 }))).toEqual([-2, 2]);
    expect(values(groupNorm(x, 1, null, null, { eps: -5 }))).toEqual([NaN, NaN]);
  });

  test('what it refuses', () => {
    const x = zeros([2, 4, 3]);
    expect(() => groupNorm(x, 3, zeros([2]), zeros([4], 'float64'))).toThrow(
      [
        'groupNorm: 3 problems',
        '  1. weight must have one value for each channel of x (received [2], expected [4]).',
        "  2. bias must have the dtype of x (received 'float64', expected float32). Convert with cast.",
        '  3. groups must be a positive integer that divides the 4 channels (received 3).',
        '  shapes: x [2, 4, 3], weight [2], bias [4]',
      ].join('\n'),
    );
    expect(() => groupNorm(zeros([4]), 1)).toThrow('x is [N, C, ...spatial] (received [4]). Add the batch axis.');
    expect(() => groupNorm(zeros([2, 4], 'int32'), 1)).toThrow('x must hold float32 or float64');
    expect(() => groupNorm(x, 1.5)).toThrow('groups must be a positive integer');
    expect(() => groupNorm(x, 1, null, null, { eps: NaN })).toThrow(
      'groupNorm: eps must be a finite number, received NaN',
    );
    expect(() => groupNorm(x, 1, null, null, { epsilon: 1 } as never)).toThrow("groupNorm: unknown option 'epsilon'");
  });
});

describe('groupNormLayer', () => {
  test('names of parameters are those of PyTorch', () => {
    const names = (options: Parameters<typeof groupNormLayer>[0]): string[] => {
      const { params, state } = groupNormLayer(options).init(key(0), [4, 8, 8]);
      return Object.keys({ ...toRecord(params), ...toRecord(state) });
    };
    expect(names({ groups: 2 })).toEqual(['weight', 'bias']);
    expect(names({ groups: 2, bias: false })).toEqual(['weight']);
    expect(names({ groups: 2, affine: false })).toEqual([]);
  });

  test('every place may matter: the receptive field is the whole', () => {
    expect(groupNormLayer({ groups: 1 }).window?.([4, 8, 8])).toBe(null);
  });

  test('what it refuses', () => {
    expect(() => groupNormLayer({ groups: 0, eps: -1, affine: 1 as never })).toThrow(
      [
        'groupNormLayer: 3 problems',
        '  1. groups must be a positive integer, received 0',
        '  2. eps must be a finite number above 0, received -1',
        '  3. affine must be true or false, received 1',
      ].join('\n'),
    );
    expect(() => groupNormLayer({ groups: 3 }).init(key(0), [10, 4])).toThrow(
      'groupNorm: groups must be a positive integer that divides the 10 channels (received 3).',
    );
    expect(() => groupNormLayer({ groups: 4 }).init(key(0), [4])).toThrow(
      'groupNorm: each group needs more than one value for its variance (received 1). Use fewer groups.',
    );
    expect(() => groupNormLayer({ groups: 3, momentum: 1 } as never)).toThrow("unknown option 'momentum'");
  });
});

test('the op itself refuses groups that do not divide the channels, and says nothing of groups where there are no channels', () => {
  const of =
    (...shape: number[]): (() => unknown) =>
    () =>
      apply(GroupNorm, { groups: 3, eps: 1e-5 }, [zeros(shape), zeros([4]), zeros([4])]);
  expect(of(2, 4)).toThrow('groups must be a positive integer that divides the 4 channels');
  expect(of(4)).toThrow(/^(?!.*groups must be).*Add the batch axis/s);
});

import { valueAndGrad } from '@lemmata/autograd';
import { key, sum, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { lstm, lstmCell, lstmLayer } from './index.js';

const float64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'float64' });
const column = (...values: number[]): Tensor => float64(values.map((v) => [v]));
const params = {
  weight_ih: column(0.1, 0.2, 0.3, 0.4),
  weight_hh: column(0.5, 0.6, 0.7, 0.8),
  bias_ih: float64([0.1, -0.2, 0.3, -0.4]),
  bias_hh: float64([-0.5, 0.6, -0.7, 0.8]),
};
const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

test("R2: gates stand in the order i, f, g, o, with both biases: PyTorch's values", () => {
  const { h, c } = lstmCell(float64([[1]]), { h: float64([[0.5]]), c: float64([[-1]]) }, params);
  expect(h.item()).toBeCloseTo(-0.408094498, 8);
  expect(c.item()).toBeCloseTo(-0.591551017, 8);
});

test('R2: the gates one by one', () => {
  const zero = { weight_ih: zeros([4, 1], 'float64'), weight_hh: zeros([4, 1], 'float64') };
  const withBias = (...bias: number[]) => {
    const params = { ...zero, bias_ih: float64(bias), bias_hh: zeros([4], 'float64') };
    const { h, c } = lstmCell(float64([[7]]), { h: float64([[9]]), c: float64([[2]]) }, params);
    return [c.item(), h.item()];
  };
  // With all gates half open and the candidate 0, half of the cell stays, and half of its tanh is given.
  expect(withBias(0, 0, 0, 0)).toEqual([1, Math.tanh(1) / 2]);
  expect(withBias(0, -1000, 0, 0)).toEqual([0, 0]);
  expect(withBias(1000, 1000, 1000, 1000)).toEqual([3, Math.tanh(3)]);
  expect(withBias(-1000, 1000, 1000, 1000)).toEqual([2, Math.tanh(2)]);
  expect(withBias(0, 0, 0, 1)[1]).toBeCloseTo(sigma(1) * Math.tanh(1), 14);
});

test('R2: each of the two biases has the whole gradient, so that an update of both is twice as large', () => {
  const f = (p: typeof params): Tensor => sum(lstmCell(float64([[1]]), null, p).h);
  const grads = valueAndGrad(f)(params).grads;
  expect(grads.bias_ih.toArray()).toEqual(grads.bias_hh.toArray());
  expect(grads.bias_ih.dataSync().filter((g) => g === 0)).toHaveLength(1);
});

test('R3: a forget bias reaches all layers and both directions, and nothing else', () => {
  const shape = { hiddenSize: 3, numLayers: 2, bidirectional: true };
  const plain = lstmLayer(shape).init(key(7), [5, 2]).params;
  const forget = lstmLayer({ ...shape, forgetBias: 1 }).init(key(7), [5, 2]).params;
  expect(Object.keys(forget)).toEqual(Object.keys(plain));
  let biases = 0;
  for (const [name, tensor] of Object.entries(forget)) {
    const [now, before] = [[...tensor.dataSync()], [...plain[name].dataSync()]];
    if (name.startsWith('bias')) {
      biases++;
      expect(now.slice(3, 6)).toEqual(name.startsWith('bias_ih') ? [1, 1, 1] : [0, 0, 0]);
      now.splice(3, 3);
      before.splice(3, 3);
    }
    expect(now).toEqual(before);
  }
  expect(biases).toBe(8);
});

test('with a projection', () => {
  const layer = lstmLayer({ hiddenSize: 4, projSize: 2, numLayers: 2, bidirectional: true, bias: false });
  const { params, outputShape } = layer.init(key(1), [3, 5]);
  expect(
    Object.entries(params)
      .filter(([name]) => !name.endsWith('reverse'))
      .map(([name, t]) => `${name} ${t.shape.join('×')}`),
  ).toEqual([
    'weight_ih_l0 16×5',
    'weight_hh_l0 16×2',
    'weight_hr_l0 2×4',
    'weight_ih_l1 16×4',
    'weight_hh_l1 16×2',
    'weight_hr_l1 2×4',
  ]);
  expect(outputShape).toEqual([3, 4]);
  const { output, hN, cN } = lstm(zeros([6, 3, 5]), params);
  expect([output.shape, hN.shape, cN.shape]).toEqual([
    [6, 3, 4],
    [4, 6, 2],
    [4, 6, 4],
  ]);
});

test('one state may be given without the other', () => {
  const { params } = lstmLayer({ hiddenSize: 2 }).init(key(1), [2, 1]);
  const x = zeros([1, 2, 1]);
  const c0 = tensor([[[1, -1]]]);
  expect(lstm(x, params, { c0 }).output.toArray()).toEqual(
    lstm(x, params, { c0, h0: zeros([1, 1, 2]) }).output.toArray(),
  );
  expect(lstm(x, params, { c0 }).output.toArray()).not.toEqual(lstm(x, params).output.toArray());
});

test('refusals', () => {
  expect(() => lstmLayer({ hiddenSize: 4, projSize: 4 })).toThrow(
    'lstm: projSize must be a positive integer below hiddenSize 4, received 4',
  );
  expect(() => lstmLayer({ hiddenSize: 4, bias: false, forgetBias: NaN })).toThrow(
    'lstm: 2 problems\n  1. forgetBias must be a finite number, received NaN\n  2. forgetBias needs biases',
  );
  const { params } = lstmLayer({ hiddenSize: 2 }).init(key(1), [2, 1]);
  expect(() => lstm(zeros([1, 2, 3]), params)).toThrow(
    /weight_ih_l0 does not fit.*expected \[8, 3\]\)\. The input has 3 features along its last axis/,
  );
  expect(() => lstm(zeros([1, 2, 1]), params, { h0: zeros([1, 1, 3]), c0: zeros([1, 2, 2]) })).toThrow(
    /2 problems[\s\S]*h0 does not fit[\s\S]*c0 does not fit.*received \[1, 2, 2\], expected \[1, 1, 2\]/,
  );
});

import { key, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { gru, gruCell, gruLayer } from './index.js';

const float64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'float64' });
const column = (...values: number[]): Tensor => float64(values.map((v) => [v]));
const params = {
  weight_ih: column(0.5, -0.5, 0.25),
  weight_hh: column(1, 0.5, 2),
  bias_ih: float64([0.1, 0.2, 0.3]),
  bias_hh: float64([-2, 0.5, -1.5]),
};
const [x, h] = [float64([[1]]), float64([[0.5]])];

test('R1: the reset gate acts on W_hn h + b_hn, or on h alone; gates stand in the order r, z, n', () => {
  const sigma = (a: number): number => 1 / (1 + Math.exp(-a));
  const r = sigma(0.5 + 0.1 + 0.5 - 2);
  const z = sigma(-0.5 + 0.2 + 0.25 + 0.5);
  const next = (candidate: number): number => (1 - z) * Math.tanh(candidate) + z * 0.5;
  expect(gruCell(x, h, params).item()).toBeCloseTo(next(0.25 + 0.3 + r * (2 * 0.5 - 1.5)), 14);
  // What PyTorch gives for it.
  expect(gruCell(x, h, params).item()).toBeCloseTo(0.455076957, 8);
  expect(gruCell(x, h, params, { resetAfter: false }).item()).toBeCloseTo(next(0.25 + 0.3 + 2 * (r * 0.5) - 1.5), 14);
  expect(Math.abs(gruCell(x, h, params).item() - gruCell(x, h, params, { resetAfter: false }).item())).toBeGreaterThan(
    0.1,
  );
});

test('R1: without reset both conventions agree', () => {
  const open = { ...params, bias_ih: float64([1000, 0.2, 0.3]) };
  expect(gruCell(x, h, open).item()).toBeCloseTo(gruCell(x, h, open, { resetAfter: false }).item(), 14);
});

test('an update gate of 1 keeps the state, one of 0 replaces it', () => {
  const withGate = (z: number): number => gruCell(x, h, { ...params, bias_ih: float64([0, z, 0]) }).item();
  expect(withGate(1000)).toBe(0.5);
  expect(withGate(-1000)).toBeCloseTo(Math.tanh(0.25 + (2 * 0.5 - 1.5) / (1 + Math.exp(1))), 14);
});

test('the layer', () => {
  const layer = gruLayer({ hiddenSize: 4, numLayers: 2 });
  const { params, outputShape } = layer.init(key(1), [5, 3]);
  expect(Object.entries(params).map(([name, t]) => `${name} ${t.shape.join('×')}`)).toEqual([
    'weight_ih_l0 12×3',
    'weight_hh_l0 12×4',
    'bias_ih_l0 12',
    'bias_hh_l0 12',
    'weight_ih_l1 12×4',
    'weight_hh_l1 12×4',
    'bias_ih_l1 12',
    'bias_hh_l1 12',
  ]);
  expect(outputShape).toEqual([5, 4]);
  const { output, hN } = gru(zeros([2, 5, 3]), params, { resetAfter: false });
  expect([output.shape, hN.shape]).toEqual([
    [2, 5, 4],
    [2, 2, 4],
  ]);
});

test('refusals', () => {
  expect(() => gruLayer({ hiddenSize: 4, resetAfter: 'before' as never })).toThrow(
    "gru: resetAfter must be true or false, received 'before'",
  );
  expect(() => gruCell(x, h, { ...params, weight_hr: zeros([1, 1]) })).toThrow(
    'weight_hr is not a parameter of this network',
  );
  expect(() => gruCell(x, float64([[1, 2]]), params)).toThrow('gruCell: h does not fit');
});

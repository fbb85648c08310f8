import { valueAndGrad, vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError, ShapeError } from '@lemmata/shape';
import { key, ones, stopGradient, sum, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { cellOf, type NetworkParams, rnn, rnnCell, rnnLayer } from '../index.js';

const float64 = (values: number[] | number[][] | number[][][]): Tensor => tensor(values, { dtype: 'float64' });
/** With ReLU: h grows by each input that is not negative. */
const counter: NetworkParams = { weight_ih_l0: float64([[1]]), weight_hh_l0: float64([[1]]) };
const bothWays: NetworkParams = {
  ...counter,
  weight_ih_l0_reverse: float64([[1]]),
  weight_hh_l0_reverse: float64([[1]]),
};
const relu = { nonlinearity: 'relu' } as const;
const sequences = (...rows: number[][]): Tensor => float64(rows.map((row) => row.map((x) => [x])));

test('a network that adds up', () => {
  const { output, hN } = rnn(sequences([1, 2, 3]), counter, relu);
  expect([output.toArray(), hN.toArray()]).toEqual([[[[1], [3], [6]]], [[[6]]]]);
  expect(rnn(sequences([1, 2, 3]), counter, { ...relu, h0: float64([[[10]]]) }).hN.toArray()).toEqual([[[16]]]);
  expect(rnn(sequences([1]), { weight_ih_l0: float64([[2]]), weight_hh_l0: float64([[1]]) }).hN.item()).toBe(
    Math.tanh(2),
  );
});

test('R4: the reverse direction starts at the true end, and its last state stands at step 0', () => {
  const x = sequences([1, 2, 9, 9], [1, 2, 3, 4]);
  const { output, hN } = rnn(x, bothWays, { ...relu, lengths: [2, 4] });
  expect(output.toArray()).toEqual([
    [
      [1, 3],
      [3, 2],
      [0, 0],
      [0, 0],
    ],
    [
      [1, 10],
      [3, 9],
      [6, 7],
      [10, 4],
    ],
  ]);
  expect(hN.toArray()).toEqual([
    [[3], [10]],
    [[3], [10]],
  ]);
});

test('R5: padded steps give 0, keep the state, pass no gradient; NaN in them reaches nothing', () => {
  const x = sequences([1, 2, NaN], [1, 2, 3]);
  const { value, pullback } = vjp(
    (a: Tensor, p: NetworkParams) => {
      const { output, hN } = rnn(a, p, { ...relu, lengths: tensor([2, 3], { dtype: 'int32' }) });
      return [output, hN];
    },
    x,
    counter,
  );
  expect(value.map((y) => y.toArray())).toEqual([
    [
      [[1], [3], [0]],
      [[1], [3], [6]],
    ],
    [[[3], [6]]],
  ]);
  const [dx, dp] = pullback(value.map((y) => ones(y.shape, 'float64'))) as unknown as [Tensor, Record<string, Tensor>];
  expect(dx.toArray()).toEqual([
    [[3], [2], [0]],
    [[4], [3], [2]],
  ]);
  expect(
    Object.values(dp)
      .flatMap((g) => [...g.dataSync()])
      .every(Number.isFinite),
  ).toBe(true);
});

test('R5: a sequence in a batch is a sequence alone', () => {
  const layer = rnnLayer({ hiddenSize: 3, bidirectional: true, numLayers: 2 });
  const { params } = layer.init(key(4), [4, 1]);
  const all = rnn(
    tensor([
      [[1], [-2], [0], [0]],
      [[3], [1], [2], [-1]],
    ]),
    params,
    { lengths: [2, 4] },
  ).output;
  const alone = rnn(tensor([[[1], [-2]]]), params).output;
  expect((all.toArray() as number[][][])[0].slice(0, 2)).toEqual((alone.toArray() as number[][][])[0]);
});

test('R6: one step; no step is refused', () => {
  expect(rnn(sequences([5], [6]), bothWays, relu).output.toArray()).toEqual([[[5, 5]], [[6, 6]]]);
  expect(() => rnn(zeros([2, 0, 1], 'float64'), counter)).toThrow('rnn: a sequence must have at least one step.');
});

test('R6: the state is detached between chunks, or is not', () => {
  const gradient = (between: (h: Tensor) => Tensor): unknown => {
    const f = (x: Tensor): Tensor => {
      const first = rnn(x, counter, relu);
      return sum(rnn(x, counter, { ...relu, h0: between(first.hN) }).output);
    };
    return valueAndGrad(f)(sequences([1, 2])).grads.toArray();
  };
  // Each of two outputs sees what came before in its chunk, and through the state all of the first chunk.
  expect(gradient((h) => h)).toEqual([[[4], [3]]]);
  expect(gradient(stopGradient)).toEqual([[[2], [1]]]);
});

test('the derivative of ReLU at 0 is 0', () => {
  const { grads } = valueAndGrad((x: Tensor) => sum(rnn(x, counter, relu).output))(sequences([0, -1, 2]));
  expect(grads.toArray()).toEqual([[[0], [0], [1]]]);
});

test('R6: what dropout drops between layers differs from step to step, and the last layer is not dropped', () => {
  const layer = rnnLayer({ hiddenSize: 50, numLayers: 2, dropout: 0.5 });
  const { params, state } = layer.init(key(1), [3, 2]);
  const x = ones([1, 3, 2]);
  const once = (k: number): unknown => layer.apply(params, state, x, { train: true, key: key(k) })[0].toArray();
  expect(once(1)).toEqual(once(1));
  expect(once(1)).not.toEqual(once(2));
  expect((once(1) as number[][][]).flat(2).filter((v) => v === 0)).toEqual([]);
  expect(infer(layer, params, state, x).toArray()).toEqual(rnn(x, params).output.toArray());
  // Dropped all, the second layer sees zeros.
  const { output } = rnn(x, params, { dropout: { p: 1, key: key(1) } });
  const second = {
    weight_ih_l0: params['weight_ih_l1'],
    weight_hh_l0: params['weight_hh_l1'],
    bias_ih_l0: params['bias_ih_l1'],
    bias_hh_l0: params['bias_hh_l1'],
  };
  expect(output.toArray()).toEqual(rnn(zeros([1, 3, 50]), second).output.toArray());
  expect(() => layer.apply(params, state, x, { train: true })).toThrow('rnn: dropout needs a key; give the model one');
});

test('names, shapes and range of the parameters', () => {
  const layer = rnnLayer({ hiddenSize: 4, numLayers: 2, bidirectional: true });
  const { params, state, outputShape } = layer.init(key(1), [7, 3]);
  expect(Object.entries(params).map(([name, t]) => `${name} ${t.shape.join('×')}`)).toEqual([
    'weight_ih_l0 4×3',
    'weight_hh_l0 4×4',
    'bias_ih_l0 4',
    'bias_hh_l0 4',
    'weight_ih_l0_reverse 4×3',
    'weight_hh_l0_reverse 4×4',
    'bias_ih_l0_reverse 4',
    'bias_hh_l0_reverse 4',
    'weight_ih_l1 4×8',
    'weight_hh_l1 4×4',
    'bias_ih_l1 4',
    'bias_hh_l1 4',
    'weight_ih_l1_reverse 4×8',
    'weight_hh_l1_reverse 4×4',
    'bias_ih_l1_reverse 4',
    'bias_hh_l1_reverse 4',
  ]);
  expect([state, outputShape, layer.window!([7, 3])]).toEqual([{}, [7, 8], null]);
  const values = Object.values(params).flatMap((t) => [...t.dataSync()]);
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.5);
  expect(Math.max(...values)).toBeGreaterThan(0.48);
  expect(Math.min(...values)).toBeLessThan(-0.48);
});

test('the last state of both directions instead of all outputs', () => {
  const layer = rnnLayer({ hiddenSize: 1, bidirectional: true, returnSequences: false, bias: false, ...relu });
  expect(layer.init(key(1), [3, 1]).outputShape).toEqual([2]);
  expect(infer(layer, bothWays, {}, sequences([1, 2, 3], [4, 5, 6])).toArray()).toEqual([
    [6, 6],
    [15, 15],
  ]);
});

test('a sequence without a batch, and the batch behind the steps', () => {
  const one = rnn(float64([[1], [2]]), counter, { ...relu, h0: float64([[3]]) });
  expect([one.output.toArray(), one.hN.toArray()]).toEqual([[[4], [6]], [[6]]]);
  const behind = rnn(
    float64([
      [[1], [10]],
      [[2], [20]],
    ]),
    counter,
    { ...relu, batchFirst: false },
  );
  expect([behind.output.toArray(), behind.hN.toArray()]).toEqual([
    [
      [[1], [10]],
      [[3], [30]],
    ],
    [[[3], [30]]],
  ]);
  expect(rnn(zeros([0, 2, 1], 'float64'), counter).output.shape).toEqual([0, 2, 1]);
});

test('the cell alone', () => {
  const params = cellOf(counter);
  expect(rnnCell(float64([[2]]), null, params, relu).toArray()).toEqual([[2]]);
  expect(rnnCell(float64([2]), float64([3]), params, relu).toArray()).toEqual([5]);
  expect(() => rnnCell(float64([[2]]), float64([[1, 2]]), params)).toThrow(
    'rnnCell: h does not fit the input and the parameters (received [1, 2], expected [1, 1]).',
  );
  expect(() => rnnCell(float64([[2, 3]]), null, params)).toThrow('weight_ih does not fit');
});

test('refusals', () => {
  const x = sequences([1, 2]);
  expect(() => rnn(x, counter, { lengths: [3] })).toThrow(
    'lengths: the length of sequence 0 must be from 1 to 2, the steps of the input; received 3',
  );
  expect(() => rnn(x, counter, { lengths: [0] })).toThrow(OptionError);
  expect(() => rnn(x, counter, { lengths: [1.5] })).toThrow('rnn: lengths must be integers, received 1.5');
  expect(() => rnn(x, counter, { lengths: [1, 2] })).toThrow(
    'rnn: lengths must name one length for each sequence (received [2], expected [1]).',
  );
  expect(() => rnn(x, counter, { h0: zeros([2, 1, 1], 'float64') })).toThrow(
    'rnn: h0 does not fit the input and the parameters (received [2, 1, 1], expected [1, 1, 1]).',
  );
  expect(() => rnn(x, counter, { h0: zeros([1, 1, 1]) })).toThrow('h0 must have the dtype of x');
  expect(() => rnn(x, {})).toThrow('rnn: the parameters must name weight_ih_l0 and weight_hh_l0');
  expect(() => rnn(x, { ...counter, bias_ih_l0: zeros([1]) })).toThrow('bias_hh_l0 is missing from the parameters');
  expect(() => rnn(x, { ...counter, weight_hr_l1: zeros([1]) })).toThrow(
    'weight_hr_l1 is not a parameter of this network',
  );
  expect(() => rnn(sequences([1]).shape as never, counter)).toThrow(TypeError);
  expect(() => rnn(zeros([2], 'float64'), counter)).toThrow('x must be [N, steps, features], or one sequence');
  expect(() => rnn(x, counter, { batch_first: true } as never)).toThrow("did you mean 'batchFirst'?");
  expect(() => rnn(x, counter, { nonlinearity: 'sigmoid' as never })).toThrow(
    "rnn: nonlinearity must be 'tanh' or 'relu', received 'sigmoid'",
  );
  expect(() => rnnLayer({ hiddenSize: 0, numLayers: 1.5, bias: 'no' as never })).toThrow(
    'rnn: 3 problems\n  1. hiddenSize must be a positive integer, received 0',
  );
  expect(() => rnnLayer({ hiddenSize: 2, dropout: 0.5 })).toThrow('dropout acts between layers, and there is one');
  expect(() => rnnLayer({ hiddenSize: 2, resetAfter: true } as never)).toThrow("unknown option 'resetAfter'");
  expect(() => rnnLayer({ hiddenSize: 2 }).init(key(1), [3])).toThrow(ShapeError);
});

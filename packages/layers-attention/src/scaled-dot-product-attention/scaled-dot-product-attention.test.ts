import { vjp } from '@lemmata/autograd';
import { OptionError, ShapeError } from '@lemmata/shape';
import { key, mul, ones, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import {
  causalMask,
  MaskedMix,
  MaskedScores,
  scaledDotProductAttention as attend,
  scaledDotProductAttentionWithWeights,
} from './index.js';

const float64 = (values: number[][]): Tensor => tensor(values, { dtype: 'float64' });
const bool = (values: boolean[][]): Tensor => tensor(values);
const q = float64([
  [1, 0],
  [0, 2],
  [1, 1],
]);
const k = float64([
  [1, 1],
  [0, 1],
]);
const v = float64([
  [1, 2],
  [3, 4],
]);
const rounded = (x: Tensor): unknown => (x.toArray() as number[][]).map((row) => row.map((n) => Number(n.toFixed(6))));

/** The gradients of Σ u · attend(q, k, v), with u = 1, 2, 3, … */
function gradients(...[q, k, v, options]: Parameters<typeof attend>): Tensor[] {
  const { value, pullback } = vjp((a: Tensor, b: Tensor, c: Tensor) => attend(a, b, c, options), q, k, v);
  const u = tensor(
    Float64Array.from({ length: value.size }, (_, i) => i + 1),
    { shape: value.shape },
  );
  return pullback(u);
}

test("PyTorch's values; the scale is 1 / √D, once", () => {
  expect(rounded(attend(q, k, v))).toEqual([
    [1.660477, 2.660477],
    [2, 3],
    [1.660477, 2.660477],
  ]);
  expect(attend(q, k, v, { scale: 1 / Math.sqrt(2) }).toArray()).toEqual(attend(q, k, v).toArray());
  // Equal scores: the mean of the values.
  expect(attend(q, k, v, { scale: 0 }).toArray()).toEqual([
    [2, 3],
    [2, 3],
    [2, 3],
  ]);
});

test('A1: a query that attends to nothing gives 0 and passes no gradient; other rows are as they were', () => {
  for (const mask of [
    bool([
      [true, false],
      [false, false],
      [true, true],
    ]),
    float64([
      [0, -Infinity],
      [-Infinity, -Infinity],
      [0, 0],
    ]),
  ]) {
    const { output, weights } = scaledDotProductAttentionWithWeights(q, k, v, { mask });
    expect(rounded(output)).toEqual([
      [1, 2],
      [0, 0],
      [1.660477, 2.660477],
    ]);
    expect((weights.toArray() as number[][])[1]).toEqual([0, 0]);
    const [dq, dk, dv] = gradients(q, k, v, { mask });
    expect((dq.toArray() as number[][])[1]).toEqual([0, 0]);
    for (const g of [dq, dk, dv]) expect(g.dataSync().every(Number.isFinite)).toBe(true);
  }
});

test('A1: without keys at all the output is 0', () => {
  expect(attend(q, zeros([0, 2], 'float64'), zeros([0, 3], 'float64')).toArray()).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(attend(zeros([0, 2], 'float64'), k, v, { causal: true }).shape).toEqual([0, 2]);
});

test('A2: NaN in what is masked reaches neither values nor gradients; where it is not masked it does', () => {
  const spoilt = float64([
    [1, 1],
    [NaN, Infinity],
  ]);
  const mask = bool([
    [true, false],
    [true, false],
    [true, false],
  ]);
  expect(attend(q, spoilt, spoilt, { mask }).toArray()).toEqual(
    attend(q, float64([[1, 1]]), float64([[1, 1]])).toArray(),
  );
  const [dq, dk, dv] = gradients(q, spoilt, spoilt, { mask });
  expect([...dq.dataSync(), ...dk.dataSync(), ...dv.dataSync()].every(Number.isFinite)).toBe(true);
  expect((dv.toArray() as number[][])[1]).toEqual([0, 0]);
  // Only the second query may see it.
  const some = attend(
    q,
    k,
    float64([
      [1, 2],
      [NaN, 4],
    ]),
    {
      mask: bool([
        [true, false],
        [true, true],
        [true, false],
      ]),
    },
  );
  expect(some.toArray()).toEqual([
    [1, 2],
    [NaN, 3],
    [1, 2],
  ]);
});

test('A2: truth values say what is attended to', () => {
  const { weights } = scaledDotProductAttentionWithWeights(q, k, v, { mask: bool([[true, false]]) });
  expect(weights.toArray()).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
});

test('A3: the first row attends to itself alone; queries and keys are counted from the first, or from the last', () => {
  expect(rounded(attend(q, k, v, { causal: true }))).toEqual([
    [1, 2],
    [2, 3],
    [1.660477, 2.660477],
  ]);
  expect(causalMask(3, 2).toArray()).toEqual([
    [true, false],
    [true, true],
    [true, true],
  ]);
  expect(causalMask(3, 2, 'bottom-right').toArray()).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
  expect(causalMask(2, 4, 'bottom-right').toArray()).toEqual([
    [true, true, true, false],
    [true, true, true, true],
  ]);
  expect(rounded(attend(q, k, v, { causal: 'bottom-right' }))).toEqual([
    [0, 0],
    [1, 2],
    [1.660477, 2.660477],
  ]);
});

test('causal and a mask hold together', () => {
  const { weights } = scaledDotProductAttentionWithWeights(q, k, v, { causal: true, mask: bool([[false, true]]) });
  expect(weights.toArray()).toEqual([
    [0, 0],
    [0, 1],
    [0, 1],
  ]);
});

test('large scores neither overflow nor lose their order', () => {
  const large = scaledDotProductAttentionWithWeights(mul(q, 1e200), mul(k, 1e100), v).weights;
  expect(large.toArray()).toEqual([
    [1, 0],
    [0.5, 0.5],
    [1, 0],
  ]);
});

test('A3: weights are dropped only where a key is given; p = 1 gives zeros', () => {
  const dropped = attend(q, k, v, { dropout: { p: 0.5, key: key(3) } });
  expect(dropped.toArray()).toEqual(attend(q, k, v, { dropout: { p: 0.5, key: key(3) } }).toArray());
  expect(dropped.toArray()).not.toEqual(attend(q, k, v).toArray());
  expect(attend(q, k, v, { dropout: { p: 0, key: key(3) } }).toArray()).toEqual(attend(q, k, v).toArray());
  expect(attend(q, k, v, { dropout: { p: 1, key: key(3) } }).toArray()).toEqual(zeros([3, 2]).toArray());
});

test('query heads may share keys and values', () => {
  const heads = ones([4, 3, 2], 'float64');
  const shared = tensor([...k.dataSync(), ...q.dataSync().slice(0, 4)], { shape: [2, 2, 2], dtype: 'float64' });
  const y = attend(heads, shared, shared, { enableGqa: true }).toArray() as number[][][];
  expect(y[0]).toEqual(y[1]);
  expect(y[2]).toEqual(y[3]);
  expect(y[0]).not.toEqual(y[2]);
});

test('refusals', () => {
  expect(() => attend(q, k, ones([3, 2], 'float64'))).toThrow(
    'scaledDotProductAttention: value must be as long as key (received 3, expected 2).\n' +
      '  shapes: query [3, 2], key [2, 2], value [3, 2]',
  );
  expect(() => attend(q, ones([2, 3]), v)).toThrow(/2 problems\n.*all float32, or all float64.*\n.*as many features/);
  expect(() => attend(q, k, v, { mask: ones([3, 3], 'bool') })).toThrow(
    'mask must broadcast to the shape of the scores (received [3, 3], expected [3, 2]).',
  );
  expect(() => attend(q, k, v, { mask: ones([3, 2], 'int32') })).toThrow(
    'mask must be bool (true: attend) or float64 (added to the scores)',
  );
  expect(() => attend(q, k, v, { mask: ones([2, 3, 2], 'bool') })).toThrow(ShapeError);
  expect(() => attend(q, k, v, { isCausal: true } as never)).toThrow(
    "unknown option 'isCausal'; did you mean 'causal'?",
  );
  expect(() => attend(q, k, v, { causal: 'left' as never })).toThrow("causal must be true, false, 'top-left' or");
  expect(() => attend(q, k, v, { scale: NaN })).toThrow('scale must be a finite number, received NaN');
  expect(() => attend(q, k, v, { dropout: { p: 1.5, key: key(1) } })).toThrow(
    'dropout.p must be from 0 to 1, received 1.5',
  );
  expect(() => attend(q, k, v, { dropout: { p: 0.5 } as never })).toThrow('dropout needs a key; give the model one');
  expect(() => attend(q, k, v, { dropout: { p: 0.5, rate: 1 } as never })).toThrow(OptionError);
});

test('products are counted as if nothing were masked', () => {
  const [q, k, mask, p] = [ones([2, 3, 4]), ones([2, 5, 4]), ones([2, 3, 5], 'bool'), ones([2, 3, 5])];
  expect(MaskedScores.multiplyAdds!({}, [q.spec, k.spec, mask.spec], [p.spec])).toBe(2 * 3 * 5 * 4);
  expect(MaskedMix.multiplyAdds!({}, [p.spec, k.spec, mask.spec], [q.spec])).toBe(2 * 3 * 5 * 4);
});

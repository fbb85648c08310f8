import { expect, test } from 'vitest';
import { tensor, type TensorLike } from '../create.js';
import { elementwise } from '../elementwise/op.js';
import { call } from '../expr.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import * as ops from './index.js';

const f64 = (values: readonly number[]): Tensor => tensor(values, { dtype: 'float64' });

/** Gradients of the inputs of one op, for an upstream of ones or the one given. */
function pull(op: OpDef, inputs: readonly Tensor[], upstream?: Tensor, attrs: unknown = {}): (number[] | null)[] {
  const outputs = apply(op, attrs, inputs);
  const up = upstream ?? tensor(new Float64Array(inputs[0].size).fill(1), { shape: inputs[0].shape });
  return op.vjp!(
    attrs,
    [up],
    inputs,
    outputs,
    inputs.map(() => true),
  ).map((g) => (g === null ? null : [...g.dataSync()]));
}

const Relu: OpDef = elementwise({ name: 'relu', expr: (_, x) => call('select', call('le', x, 0), 0, x) });

test('E4: atan2 has the gradient 0 at the origin', () => {
  const [dy, dx] = pull(ops.Atan2, [f64([0, 1, 0]), f64([0, 0, -2])]);
  expect(dy!.map((g) => g + 0)).toEqual([0, 0, -0.5]);
  expect(dx!.map((g) => g + 0)).toEqual([0, -1, 0]);
});

test('E2: ties — relu 0, maximum and minimum halves, clamp 1, abs and sign 0', () => {
  expect(pull(Relu, [f64([-1, 0, 2])])).toEqual([[0, 0, 1]]);
  const tied = [f64([1, 2, 3]), f64([2, 2, 2])];
  expect(pull(ops.Maximum, tied)).toEqual([
    [0, 0.5, 1],
    [1, 0.5, 0],
  ]);
  expect(pull(ops.Minimum, tied)).toEqual([
    [1, 0.5, 0],
    [0, 0.5, 1],
  ]);
  const bounds = { lower: true, upper: true };
  const x = f64([-3, -1, 0, 1, 3]);
  const [low, high] = [f64([-1, -1, -1, -1, -1]), f64([1, 1, 1, 1, 1])];
  expect(pull(ops.Clamp, [x, low, high], undefined, bounds)).toEqual([
    [0, 1, 1, 1, 0],
    [1, 0, 0, 0, 0],
    [0, 0, 0, 0, 1],
  ]);
  expect(pull(ops.Abs, [f64([-2, 0, 3])])).toEqual([[-1, 0, 1]]);
  expect(pull(ops.Sign, [f64([-2, 0, 3])])).toEqual([null]);
});

test('E2: of bounds that are equal or cross the upper one has the gradient, by PyTorch 2.13', () => {
  const attrs = { lower: true, upper: true };
  const x = f64([0, 1, 2, 0, 1.5, 3, 1, 2]);
  const [low, high] = [f64([1, 1, 1, 2, 2, 2, 1, 2]), f64([1, 1, 1, 1, 1, 1, 2, 2])];
  expect(pull(ops.Clamp, [x, low, high], undefined, attrs)).toEqual([
    [0, 1, 0, 0, 0, 0, 1, 1],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 1, 1, 1, 1, 0, 0],
  ]);
  // Alone, the lower bound has what x has not.
  expect(pull(ops.Clamp, [x, low], undefined, { lower: true, upper: false })).toEqual([
    [0, 1, 1, 0, 0, 1, 1, 1],
    [1, 0, 0, 1, 1, 0, 0, 0],
  ]);
});

test('E1: the gradient of where(x > 0, √x, x) at [−1, −4] is [1, 1]', () => {
  const x = f64([-1, -4]);
  const root = ops.sqrt(x);
  const [, toRoot, toX] = ops.Where.vjp!({}, [f64([1, 1])], [ops.gt(x, 0), root, x], [], [true, true, true]);
  const [through] = ops.Sqrt.vjp!({}, [toRoot], [x], [root], [true]);
  expect([...ops.add(through!, toX!).dataSync()]).toEqual([1, 1]);
});

test('E1: in one expression, infinite derivatives in the branch not taken do not enter', () => {
  const op = elementwise({
    name: 'guarded',
    expr: (_, x) => call('select', call('gt', x, 0), call('mul', call('log', x), call('sqrt', x)), x),
  });
  expect(pull(op, [f64([0, -1, 1])])).toEqual([[1, 1, 1]]);
});

test('an infinite or NaN upstream does not reach the branch that was not taken', () => {
  const inputs = [tensor([true, false]), f64([1, 2]), f64([3, 4])];
  expect(pull(ops.Where, inputs, f64([Infinity, NaN]))).toEqual([null, [Infinity, 0], [0, NaN]]);
});

test('E6: sigmoid, softplus, log sigmoid, tanh and erf have finite values and gradients far out', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const x = tensor([-1000, -100, 100, 1000], { dtype });
    const ones = tensor([1, 1, 1, 1], { dtype });
    expect([...ops.sigmoid(x).dataSync()].map((v) => Number(v.toFixed(9)))).toEqual([0, 0, 1, 1]);
    expect(pull(ops.Sigmoid, [x], ones)[0]!.map((v) => Math.abs(Number(v.toFixed(9))))).toEqual([0, 0, 0, 0]);
    expect([...ops.softplus(x).dataSync()].map((v) => Number(v.toFixed(9)))).toEqual([0, 0, 100, 1000]);
    expect(pull(ops.Softplus, [x], ones)[0]!.map((v) => Number(v.toFixed(9)))).toEqual([0, 0, 1, 1]);
    expect([...ops.logSigmoid(x).dataSync()].map((v) => Number(v.toFixed(9)) + 0)).toEqual([-1000, -100, 0, 0]);
    expect(pull(ops.LogSigmoid, [x], ones)[0]!.map((v) => Number(v.toFixed(9)))).toEqual([1, 1, 0, 0]);
    expect([...ops.tanh(x).dataSync()]).toEqual([-1, -1, 1, 1]);
    expect(pull(ops.Tanh, [x], ones)[0]!.map(Math.abs)).toEqual([0, 0, 0, 0]);
    expect([...ops.erf(x).dataSync()]).toEqual([-1, -1, 1, 1]);
    expect(pull(ops.Erf, [x], ones)[0]!.map(Math.abs)).toEqual([0, 0, 0, 0]);
  }
  // Where the naive ln(1 + eˣ) and ln σ(x) lose everything.
  expect(ops.softplus(f64([-40])).item()).toBeCloseTo(Math.exp(-40), 30);
  expect(ops.logSigmoid(f64([40])).item()).toBeCloseTo(-Math.exp(-40), 30);
});

test('E12: denormals, signed zeros and int32 overflow', () => {
  expect(ops.mul(tensor([1e-45]), 1).item()).toBe(1.401298464324817e-45);
  expect(ops.mul(tensor([1e-30]), 1e-10).item()).toBeGreaterThan(0);
  expect(Object.is(ops.neg(tensor([0])).item(), -0)).toBe(true);
  expect(ops.div(tensor([1]), ops.neg(tensor([0]))).item()).toBe(-Infinity);
  expect(Object.is(ops.mul(tensor([-3]), 0).item(), -0)).toBe(true);
  expect(ops.add(tensor([2147483647], { dtype: 'int32' }), 1).item()).toBe(-2147483648);
  expect(ops.mul(tensor([65537], { dtype: 'int32' }), 65537).item()).toBe(131073);
  expect(ops.abs(tensor([-0])).item()).toBe(0);
});

test('conditions and integers are leaves without a gradient, never errors', () => {
  const x = f64([1, -2]);
  expect(pull(ops.Gt, [x, x])).toEqual([null, null]);
  expect(pull(ops.LogicalNot, [x])).toEqual([null]);
  expect(pull(ops.IsNaN, [x])).toEqual([null]);
  expect(pull(ops.Floor, [x])).toEqual([null]);
  expect(pull(ops.FloorDivide, [x, x])).toEqual([null, null]);
  expect(pull(ops.Where, [ops.gt(x, 0), x, x])).toEqual([null, [1, 0], [0, 1]]);
  const ints = tensor([1, 2], { dtype: 'int32' });
  expect(pull(ops.Add, [ints, ints], ints)).toEqual([null, null]);
  expect(pull(ops.Cast, [ints], x, { dtype: 'float64' })).toEqual([null]);
  expect(pull(ops.Cast, [x], tensor([1, 2]), { dtype: 'float32' })).toEqual([[1, 2]]);
});

test('the gradient passes through stopGradient nowhere, its values everywhere', () => {
  const x = f64([1, -2]);
  expect([...ops.stopGradient(x).dataSync()]).toEqual([1, -2]);
  expect(pull(ops.StopGradient, [x])).toEqual([null]);
});

test('only the gradients that are wanted are computed', () => {
  const x = f64([1, 2]);
  expect(ops.Mul.vjp!({}, [x], [x, x], [x], [false, true]).map((g) => g === null)).toEqual([true, false]);
  expect(ops.Mul.vjp!({}, [null], [x, x], [x], [true, true])).toEqual([null, null]);
});

const made = (dtype: DType): Tensor => tensor([1, 0], { dtype });
const DTYPES: readonly DType[] = ['bool', 'int32', 'float32', 'float64'];

/** Row: first operand. Columns: bool, int32, float32, float64, the number 2, the number 0.5. */
function promotions(f: (a: TensorLike, b: TensorLike) => Tensor): string[][] {
  return DTYPES.map((a) => [...DTYPES.map(made), 2, 0.5].map((b) => f(made(a), b).dtype));
}

test('promotion: arithmetic counts truth values, and a number adopts the dtype of its partner', () => {
  const table = [
    ['int32', 'int32', 'float32', 'float64', 'int32', 'float32'],
    ['int32', 'int32', 'float32', 'float64', 'int32', 'float32'],
    ['float32', 'float32', 'float32', 'float64', 'float32', 'float32'],
    ['float64', 'float64', 'float64', 'float64', 'float64', 'float64'],
  ];
  for (const f of [ops.add, ops.sub, ops.mul, ops.remainder, ops.fmod, ops.floorDivide])
    expect(promotions(f)).toEqual(table);
});

test('promotion: functions of real numbers make integers float32', () => {
  const table = [
    ['float32', 'float32', 'float32', 'float64', 'float32', 'float32'],
    ['float32', 'float32', 'float32', 'float64', 'float32', 'float32'],
    ['float32', 'float32', 'float32', 'float64', 'float32', 'float32'],
    ['float64', 'float64', 'float64', 'float64', 'float64', 'float64'],
  ];
  for (const f of [ops.div, ops.pow, ops.atan2]) expect(promotions(f)).toEqual(table);
  for (const f of [ops.exp, ops.log, ops.sqrt, ops.sin, ops.tanh, ops.sigmoid, ops.erf, ops.frac, ops.reciprocal]) {
    expect(DTYPES.map((d) => f(made(d)).dtype)).toEqual(['float32', 'float32', 'float32', 'float64']);
  }
});

test('promotion: choosing keeps truth values', () => {
  const table = [
    ['bool', 'int32', 'float32', 'float64', 'int32', 'float32'],
    ['int32', 'int32', 'float32', 'float64', 'int32', 'float32'],
    ['float32', 'float32', 'float32', 'float64', 'float32', 'float32'],
    ['float64', 'float64', 'float64', 'float64', 'float64', 'float64'],
  ];
  for (const f of [ops.maximum, ops.minimum]) expect(promotions(f)).toEqual(table);
  expect(promotions((a, b) => ops.where(tensor([true, false]), a, b))).toEqual(table);
  for (const f of [ops.eq, ops.lt, ops.logicalAnd]) expect(new Set(promotions(f).flat())).toEqual(new Set(['bool']));
});

test('promotion: integers keep their dtype where nothing is lost', () => {
  const ints = tensor([-7, 7], { dtype: 'int32' });
  for (const f of [ops.neg, ops.abs, ops.sign, ops.square, ops.floor, ops.ceil, ops.round, ops.trunc])
    expect(f(ints).dtype).toBe('int32');
  expect(ops.neg(tensor([true])).item()).toBe(-1);
  expect(ops.add(tensor([true]), tensor([true])).item()).toBe(2);
  expect([...ops.remainder(ints, 3).dataSync()]).toEqual([2, 1]);
  expect([...ops.floorDivide(ints, 2).dataSync()]).toEqual([-4, 3]);
  expect(ops.div(ints, 2).toArray()).toEqual([-3.5, 3.5]);
});

test('numbers alone stay numbers and adopt the dtype of what they meet later', () => {
  const c = ops.mul(0.1, 3);
  expect(c.dtype).toBe('float64');
  expect(ops.add(tensor([1]), c).dtype).toBe('float32');
  expect(ops.add(tensor([1], { dtype: 'int32' }), c).dtype).toBe('float32');
  expect(ops.where(tensor([true]), 1, 0).dtype).toBe('float32');
  expect(ops.cast(c, 'float64').spec.weak).toBeUndefined();
});

test('an integer beyond int32 does not wrap silently', () => {
  expect(() => ops.add(tensor([1], { dtype: 'int32' }), 2 ** 31)).toThrow(
    'add: 2147483648 meets int32 elements and is beyond int32; cast the tensor to float32 or float64 first',
  );
  expect(ops.add(tensor([1]), 2 ** 31).item()).toBe(2147483648);
  expect(ops.eq(tensor([1], { dtype: 'int32' }), Infinity).item()).toBe(0);
});

test('operands broadcast, and shapes that do not are named', () => {
  expect(ops.add(tensor([[1], [2]]), tensor([10, 20])).toArray()).toEqual([
    [11, 21],
    [12, 22],
  ]);
  expect(ops.mul(2, tensor([[1, 2]])).toArray()).toEqual([[2, 4]]);
  expect(ops.where(tensor([[true], [false]]), tensor([1, 2]), 0).toArray()).toEqual([
    [1, 2],
    [0, 0],
  ]);
  expect(ops.add(tensor([]), tensor([1])).shape).toEqual([0]);
  expect(() => ops.add(tensor([1, 2]), tensor([1, 2, 3]))).toThrow('add: sizes 2 and 3 do not broadcast');
  expect(() => apply(ops.Add, {}, [tensor([1]), tensor([1, 2])])).toThrow(
    "inputs of an elementwise op have equal shapes (received 'float32[1] and float32[2]')",
  );
});

test('clamp: one bound or two, numbers or tensors, bounds that cross, NaN', () => {
  const x = tensor([-3, 0.5, 3, NaN]);
  expect(ops.clamp(x, { min: 0 }).toArray()).toEqual([0, 0.5, 3, NaN]);
  expect(ops.clamp(x, { max: 1 }).toArray()).toEqual([-3, 0.5, 1, NaN]);
  expect(ops.clamp(x, { min: -1, max: 1 }).toArray()).toEqual([-1, 0.5, 1, NaN]);
  expect(ops.clamp(x, { min: 2, max: 1 }).toArray()).toEqual([1, 1, 1, NaN]);
  expect(ops.clamp(tensor([5, 5]), { min: tensor([6, 1]), max: tensor([9, 2]) }).toArray()).toEqual([6, 2]);
  expect(ops.clamp(tensor([5]), { max: NaN }).item()).toBeNaN();
  expect(ops.clamp(tensor([1, 9], { dtype: 'int32' }), { max: 3 }).dtype).toBe('int32');
  expect(ops.clamp(tensor([1, 9], { dtype: 'int32' }), { max: 3.5 }).toArray()).toEqual([1, 3.5]);
  expect(() => ops.clamp(x, {})).toThrow('clamp: give min, max or both');
  expect(() => ops.clamp(x, { maximum: 3 } as never)).toThrow("clamp: unknown option 'maximum' (it takes min, max)");
});

test('lerp is exact at both ends', () => {
  const [a, b] = [tensor([0.1, 1e8]), tensor([0.7, 3])];
  expect([...ops.lerp(a, b, 0).dataSync()]).toEqual([...a.dataSync()]);
  expect([...ops.lerp(a, b, 1).dataSync()]).toEqual([...b.dataSync()]);
  expect(ops.lerp(f64([2]), f64([4]), 0.25).item()).toBe(2.5);
  expect(pull(ops.Lerp, [f64([2]), f64([4]), f64([0.25])])).toEqual([[0.75], [0.25], [2]]);
  expect(pull(ops.Lerp, [f64([2]), f64([4]), f64([0.75])])).toEqual([[0.25], [0.75], [2]]);
});

test('nanToNum and its gradient; isInf', () => {
  const x = tensor([NaN, Infinity, -Infinity, 2]);
  expect(ops.nanToNum(x).toArray()).toEqual([0, 3.4028234663852886e38, -3.4028234663852886e38, 2]);
  expect(ops.nanToNum(x, { nan: 7, posinf: 8, neginf: 9 }).toArray()).toEqual([7, 8, 9, 2]);
  expect(ops.nanToNum(f64([Infinity])).item()).toBe(Number.MAX_VALUE);
  expect(pull(ops.NanToNum, [f64([NaN, Infinity, -Infinity, 2])], undefined, { nan: 0, posinf: 1, neginf: 2 })).toEqual(
    [[0, 0, 0, 1]],
  );
  expect(ops.isInf(x).toArray()).toEqual([false, true, true, false]);
  expect(ops.isFinite(x).toArray()).toEqual([false, false, false, true]);
  expect(ops.isNaN(x).toArray()).toEqual([true, false, false, false]);
});

test('pow: special values and gradients at base 0 and exponent 0', () => {
  expect(ops.pow(f64([2, -8, 0, NaN, 4]), tensor([3, 1 / 3, 0, 0, 0.5], { dtype: 'float64' })).toArray()).toEqual([
    8,
    NaN,
    1,
    1,
    2,
  ]);
  expect(pull(ops.Pow, [f64([0, 0, 0]), f64([0, 1, 2])])).toEqual([
    [0, 1, 0],
    [0, 0, 0],
  ]);
  expect([...ops.pow(tensor([3, -0.1]), 2).dataSync()]).toEqual([...ops.square(tensor([3, -0.1])).dataSync()]);
  expect(ops.pow(tensor([3], { dtype: 'int32' }), 2).dtype).toBe('float32');
  expect(ops.pow(2, tensor([1, 2, 3])).toArray()).toEqual([2, 4, 8]);
});

test('square, reciprocal, frac and isInf differentiate through their expressions', () => {
  const x = f64([-1.5, 0.5, 4]);
  expect(pull(ops.Square, [x])).toEqual([[-3, 1, 8]]);
  expect(pull(ops.Reciprocal, [x])[0]!.map((g) => Number(g.toFixed(12)))).toEqual(
    [...x.dataSync()].map((v) => Number((-1 / (v * v)).toFixed(12))),
  );
  expect(ops.frac(x).toArray()).toEqual([-0.5, 0.5, 0]);
  expect(pull(ops.Frac, [x])).toEqual([[1, 1, 1]]);
});

test('cast refuses a dtype that there is not', () => {
  expect(() => ops.cast(tensor([1]), 'float16' as never)).toThrow(
    "cast: unknown dtype 'float16'; there are float32, float64, int32, bool",
  );
});

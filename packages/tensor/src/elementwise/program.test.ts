import { sizeOf } from '@lemmata/shape';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { call, castTo, constant, input, nodesOf, substitute, type ScalarExpr } from '../expr.js';
import { nextLevel, type Interpreter } from '../interpreter.js';
import { pack, packedView, type View } from '../layout.js';
import type { OpDef } from '../op.js';
import { createArray, type DType, type TypedArray } from '../spec.js';
import { Tensor } from '../tensor.js';
import { scalarVjp } from './derivative.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';
import { elementwise } from './op.js';
import { ScalarProgram } from './program.js';
import { CHUNK, FLOAT32_LOOPS, SLOTS } from './registers.js';
import { exprDType } from './types.js';

function vector(dtype: DType, values: ArrayLike<number>): View {
  const data = createArray(dtype, values.length);
  data.set(values);
  return packedView({ shape: [values.length], dtype }, data);
}

function compute(expr: ScalarExpr, inputs: readonly View[], dtype: DType): TypedArray {
  const out = vector(dtype, new Array<number>(sizeOf(inputs[0].shape)).fill(77));
  new ScalarProgram(
    [expr],
    inputs.map((x) => x.dtype),
    [dtype],
  ).run(inputs, [out]);
  return out.data;
}

const AWKWARD = [
  0,
  -0,
  1,
  -1,
  0.5,
  2.5,
  -3.25,
  NaN,
  Infinity,
  -Infinity,
  1e-45,
  -1.1754942e-38,
  3.4028234663852886e38,
  16777217,
  0.1,
];
const everyPair = AWKWARD.flatMap((a) => AWKWARD.map((b) => [a, b] as const));

test('E12: float32 loops give the bits of the function table: −0, NaN, ±∞, denormals, overflow', () => {
  const a = vector(
    'float32',
    everyPair.map(([x]) => x),
  );
  const b = vector(
    'float32',
    everyPair.map(([, y]) => y),
  );
  for (const fn of Object.keys(FLOAT32_LOOPS) as ScalarFnName[]) {
    const { arity, result, value } = SCALAR_FUNCTIONS[fn];
    if (result === 'select') continue;
    const dtype = result === 'bool' ? 'bool' : 'float32';
    const expected = createArray(dtype, everyPair.length);
    everyPair.forEach((_, i) => (expected[i] = arity === 1 ? value(a.data[i]) : value(a.data[i], b.data[i])));
    expect(compute(call(fn, input(0), input(1)), [a, b], dtype), fn).toEqual(expected);
  }
});

test('a choice takes the very bits of its branch', () => {
  const n = everyPair.length;
  const condition = vector(
    'bool',
    everyPair.map((_, i) => i % 2),
  );
  const a = vector(
    'float32',
    everyPair.map(([x]) => x),
  );
  const b = vector(
    'float32',
    everyPair.map(([, y]) => y),
  );
  const expected = Float32Array.from({ length: n }, (_, i) => (i % 2 ? a.data[i] : b.data[i]));
  expect(compute(call('select', input(0), input(1), input(2)), [condition, a, b], 'float32')).toEqual(expected);
});

test('every call rounds to its dtype, and constants do first', () => {
  const x = vector('float32', [0.1, 3.3, 16777216]);
  const expr = call('add', call('mul', input(0), 0.1), 1);
  const f = Math.fround;
  expect([...compute(expr, [x], 'float32')]).toEqual([...x.data].map((v) => f(f(v * f(0.1)) + 1)));
});

test('int32 wraps, products to the last bit, and divisions by zero give 0', () => {
  const a = vector('int32', [2147483647, 2147483647, -2147483648, 123456789, 7]);
  const b = vector('int32', [1, 2147483647, -1, 987654321, 0]);
  expect([...compute(call('add', input(0), input(1)), [a, b], 'int32')]).toEqual([
    -2147483648, -2, 2147483647, 1111111110, 7,
  ]);
  expect([...compute(call('mul', input(0), input(1)), [a, b], 'int32')]).toEqual([
    2147483647,
    1,
    -2147483648,
    Math.imul(123456789, 987654321),
    0,
  ]);
  expect(compute(call('mod', input(0), input(1)), [a, b], 'int32')[4]).toBe(0);
  expect(compute(call('floorDiv', input(0), input(1)), [a, b], 'int32')[4]).toBe(0);
});

test('casts: truncation toward zero, NaN to 0 and to true, any number but 0 to true', () => {
  const x = vector('float32', [1.9, -1.9, NaN, 0, -0, 1e-45]);
  expect([...compute(castTo('int32', input(0)), [x], 'int32')]).toEqual([1, -1, 0, 0, 0, 0]);
  expect([...compute(castTo('bool', input(0)), [x], 'bool')]).toEqual([1, 1, 1, 0, 0, 1]);
});

test('constants −0 and NaN stay what they are beside 0', () => {
  const x = vector('float32', [5]);
  const sign = (c: number): ScalarExpr => call('div', input(0), constant(c));
  expect(compute(call('add', sign(0), sign(-0)), [x], 'float32')[0]).toBeNaN();
  expect(compute(sign(-0), [x], 'float32')[0]).toBe(-Infinity);
});

/** A view of random shape whose axes may be stepped, reversed or broadcast. */
const stridedView: fc.Arbitrary<View> = fc
  .record({
    axes: fc.array(fc.record({ size: fc.integer({ min: 1, max: 5 }), step: fc.integer({ min: -2, max: 2 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
    gap: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ axes, gap }) => {
    let extent = 1;
    const strides = new Array<number>(axes.length);
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { size, step } = axes[axis];
      strides[axis] = step * extent;
      extent *= size * Math.max(1, Math.abs(step));
    }
    const offset = gap + axes.reduce((sum, { size }, axis) => sum + Math.max(0, -strides[axis] * (size - 1)), 0);
    const data = Float32Array.from({ length: extent + gap + offset }, (_, i) => i + 0.5);
    return { shape: axes.map((a) => a.size), strides, offset, dtype: 'float32', data };
  });

test('strided, reversed and broadcast inputs equal packed copies', () => {
  fc.assert(
    fc.property(stridedView, (view) => {
      const expected = Float32Array.from(pack(view).data, (x) => x * 2);
      expect(compute(call('add', input(0), input(0)), [view], 'float32')).toEqual(expected);
    }),
  );
});

test('lengths around a chunk, contiguous with an offset, strided and uniform', () => {
  for (const n of [1, 31, 32, 33, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 40]) {
    const data = Float32Array.from({ length: 2 * n + 3 }, (_, i) => i);
    const base = { dtype: 'float32' as const, data };
    const shifted: View = { ...base, shape: [n], strides: [1], offset: 3 };
    const stepped: View = { ...base, shape: [n], strides: [2], offset: 1 };
    const uniform: View = { ...base, shape: [n], strides: [0], offset: 2 };
    const out = createArray('float32', n + 5).fill(-1);
    const target: View = { shape: [n], strides: [1], offset: 2, dtype: 'float32', data: out };
    const expr = call('add', call('mul', input(0), input(2)), input(1));
    new ScalarProgram([expr], ['float32', 'float32', 'float32'], ['float32']).run(
      [shifted, stepped, uniform],
      [target],
    );
    for (let i = 0; i < n; i++)
      if (out[2 + i] !== (i + 3) * 2 + 2 * i + 1) throw new Error(`length ${n}, element ${i}: ${out[2 + i]}`);
    expect([out[0], out[1], out[n + 2]]).toEqual([-1, -1, -1]);
  }
});

test('empty inputs run', () => {
  expect(compute(call('neg', input(0)), [vector('float32', [])], 'float32')).toEqual(new Float32Array(0));
});

test("outputs may take the memory of inputs, each other's too", () => {
  const n = CHUNK + 7;
  const a = vector(
    'float32',
    Float32Array.from({ length: n }, (_, i) => i),
  );
  const b = vector(
    'float32',
    Float32Array.from({ length: n }, (_, i) => -i),
  );
  const swap = new ScalarProgram([input(1), input(0)], ['float32', 'float32'], ['float32', 'float32']);
  swap.run([a, b], [a, b]);
  expect([a.data[n - 1], b.data[n - 1]]).toEqual([1 - n, n - 1]);
});

test('constants last over all chunks', () => {
  const n = 2 * CHUNK + 1;
  const x = vector('float32', new Float32Array(n).fill(3));
  const expr = call('add', call('mul', input(0), 2), call('neg', call('add', input(0), 0.5)));
  expect(new Set(compute(expr, [x], 'float32'))).toEqual(new Set([2.5]));
});

test('a bound program walks its strided views from the start each time', () => {
  const data = Float32Array.from({ length: 6 }, (_, i) => i);
  const transposed: View = { shape: [3, 2], strides: [1, 3], offset: 0, dtype: 'float32', data };
  const out = packedView({ shape: [3, 2], dtype: 'float32' }, new Float32Array(6));
  const run = new ScalarProgram([call('neg', input(0))], ['float32'], ['float32']).bind([transposed], [out]);
  run();
  data[5] = 50;
  run();
  expect([...out.data]).toEqual([-0, -3, -1, -4, -2, -50]);
  const stepped: View = { ...transposed, shape: [3], strides: [2] };
  const again = new ScalarProgram([call('neg', input(0))], ['float32'], ['float32']).bind(
    [stepped],
    [{ ...out, shape: [3], strides: [1] }],
  );
  again();
  data[4] = 40;
  again();
  expect([...out.data.subarray(0, 3)]).toEqual([-0, -2, -40]);
});

test('a bound program can run again, on changed contents', () => {
  const x = vector('float32', [1, 2, 3]);
  const uniform: View = { ...x, shape: [3], strides: [0], offset: 0 };
  const out = vector('float32', [0, 0, 0]);
  const run = new ScalarProgram(
    [call('mul', input(0), call('add', input(1), 1))],
    ['float32', 'float32'],
    ['float32'],
  ).bind([x, uniform], [out]);
  run();
  expect([...out.data]).toEqual([2, 4, 6]);
  x.data.set([3, 5, 7]);
  run();
  expect([...out.data]).toEqual([12, 20, 28]);
});

test('programs that share registers do not disturb each other', () => {
  const x = vector('float32', [1, 2]);
  const outs = [vector('float32', [0, 0]), vector('float32', [0, 0])];
  const first = new ScalarProgram([call('add', input(0), 10)], ['float32'], ['float32']).bind([x], [outs[0]]);
  const second = new ScalarProgram([call('mul', input(0), 100)], ['float32'], ['float32']).bind([x], [outs[1]]);
  first();
  second();
  first();
  expect(outs.map((o) => [...o.data])).toEqual([
    [11, 12],
    [100, 200],
  ]);
});

test('more values at once than there are registers', () => {
  const inputs = Array.from({ length: SLOTS + 9 }, (_, i) => vector('float32', [i, 2 * i]));
  const sum = inputs.map((_, i): ScalarExpr => call('mul', input(i), 2)).reduce((a, b) => call('add', a, b));
  const total = (inputs.length * (inputs.length - 1)) / 2;
  expect([...compute(sum, inputs, 'float32')]).toEqual([2 * total, 4 * total]);
});

test('a value is computed once, however often it is used', () => {
  const shared = call('exp', input(0));
  const program = new ScalarProgram(
    [call('add', shared, call('mul', shared, call('exp', input(0))))],
    ['float32'],
    ['float32'],
  );
  expect(program.instructions).toHaveLength(3);
});

test('deep sharing takes linear time', () => {
  let expr: ScalarExpr = input(0);
  for (let i = 0; i < 60; i++) expr = call('add', expr, expr);
  expect(nodesOf(expr)).toHaveLength(61);
  expect(compute(expr, [vector('float64', [1])], 'float64')[0]).toBe(2 ** 60);
  expect(nodesOf(substitute(expr, [call('neg', input(0))]))).toHaveLength(62);
});

test('ill-typed expressions throw, naming op, function and dtypes', () => {
  expect(() => exprDType(call('add', input(0), input(1)), ['float32', 'int32'], 'demo')).toThrow(
    'demo: arguments of add have one dtype, received float32 and int32; cast them to one',
  );
  expect(() => exprDType(call('exp', input(0)), ['int32'], 'demo')).toThrow(
    'demo: exp is defined on floating-point tensors, received int32',
  );
  expect(() => exprDType(call('neg', input(0)), ['bool'], 'demo')).toThrow(
    'demo: neg is defined on numbers, received bool',
  );
  expect(() => exprDType(call('select', input(0), 1, input(0)), ['float32'], 'demo')).toThrow(
    'demo: the condition of select is a truth value, received float32',
  );
});

test('the gradient op of an op ends at its inputs, also where a compiler puts expressions in their place', () => {
  const op = elementwise({ name: 'cube', expr: (_, x) => call('mul', x, call('mul', x, x)) });
  const bound: OpDef[] = [];
  const recorder: Interpreter = {
    name: 'recorder',
    level: nextLevel(),
    bind(applied, _attrs, [first]) {
      bound.push(applied);
      return [new Tensor(first.spec, recorder, null)];
    },
    lift: (t) => t,
    mark: () => () => {},
    read: () => new Float32Array(0),
  };
  const x = new Tensor({ shape: [1], dtype: 'float64' }, recorder, null);
  op.vjp!({}, [x], [x], [x], [true]);
  expect(bound.map((b) => b.name)).toEqual(['cube.gradient']);
  // d(y³)/dy at y = 10 x, times an upstream of x + 1: 3 · 20² · 3 at x = 2.
  const fused = bound[0].expr!({}, call('mul', input(0), 10), call('add', input(0), 1));
  expect(compute(fused, [vector('float64', [2])], 'float64')[0]).toBe(3600);
});

test('what a choice leaves out gets a gradient of 0, though the upstream be infinite', () => {
  // x > 0 ? √x : 0, and the same squared from outside.
  const root = call('select', call('gt', input(0), 0), call('sqrt', input(0)), 0);
  for (const expr of [root, call('mul', root, 3), call('select', call('lt', input(0), 0), 0, call('exp', root))]) {
    const [gradient] = scalarVjp(expr, ['float64'], 'demo');
    const at = [vector('float64', [-1, -4]), vector('float64', [Infinity, 1])];
    expect(Array.from(compute(gradient!, at, 'float64'), (g) => g + 0)).toEqual([0, 0]);
  }
});

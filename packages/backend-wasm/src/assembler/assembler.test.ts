import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectFeatures } from '../features.js';
import {
  atomics,
  f32,
  f32x4,
  f64,
  f64x2,
  i16x8,
  i32,
  i32x4,
  i64,
  i8x16,
  memory,
  ModuleBuilder,
  select,
  v128,
  type FunctionBuilder,
  type Local,
  type Value,
  type ValueType,
} from './index.js';
import { flatten, signed, unsigned } from './code.js';

const SHARED = { initial: 1, maximum: 2, shared: true };
const features = detectFeatures();

interface Instance {
  readonly call: (...args: number[]) => number;
  readonly memory: WebAssembly.Memory;
}

function instantiate(
  params: readonly ValueType[],
  results: readonly ValueType[],
  build: (f: FunctionBuilder, ...p: Local<any>[]) => Value | void,
  prepare?: (m: ModuleBuilder) => void,
): Instance {
  const module = new ModuleBuilder(SHARED);
  prepare?.(module);
  module.function('f', params, results, build as never);
  const memory = new WebAssembly.Memory(SHARED);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } });
  return { call: exports.f as never, memory };
}

/** What an instruction on vectors makes of vectors of doubles. */
function lanes(
  op: (a: Value<'v128'>, b: Value<'v128'>) => Value<'v128'>,
  a: Float32Array | Int32Array | Float64Array | Uint8Array,
  b = a,
): ArrayBuffer {
  const { call, memory: m } = instantiate([], [], (f) => f.do(v128.store(32, op(v128.load(0), v128.load(16)))));
  new Uint8Array(m.buffer).set(new Uint8Array(a.buffer));
  new Uint8Array(m.buffer).set(new Uint8Array(b.buffer), 16);
  call();
  return new Uint8Array(m.buffer).slice(32, 48).buffer;
}

describe('encoding', () => {
  test('LEB128 round-trips', () => {
    const decode = (bytes: number[], sign: boolean): number => {
      let n = 0n;
      bytes.forEach((byte, i) => (n |= BigInt(byte & 0x7f) << BigInt(7 * i)));
      return Number(sign ? BigInt.asIntN(7 * bytes.length, n) : n);
    };
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => decode(signed(n), true) === n));
    fc.assert(fc.property(fc.maxSafeNat(), (n) => decode(unsigned(n), false) === n));
    expect(signed(-64)).toEqual([0x40]);
    expect(signed(64)).toEqual([0xc0, 0x00]);
    expect(signed(-65)).toEqual([0xbf, 0x7f]);
    expect(unsigned(128)).toEqual([0x80, 0x01]);
    expect(flatten([1, [2, [3]], 4])).toEqual([1, 2, 3, 4]);
  });

  test('what is no constant of the type is refused', () => {
    expect(() => i32.const(2 ** 32)).toThrow('4294967296 is no i32 constant');
    expect(() => i32.const(-(2 ** 31) - 1)).toThrow('-2147483649 is no i32 constant');
    expect(() => i32.const(-(2 ** 31))).not.toThrow();
    expect(() => i32.const(0.5)).toThrow('0.5 is no i32 constant');
    expect(() => v128.store(0, 5 as never)).toThrow('a v128 constant is written with f32x4.splat and its like');
    expect(() => i32.add(memory.fill(0, 0, 0) as never, 1)).toThrow('of type i32, received one of type nothing');
    expect(() => i32.add(f32.load(0) as never, 1)).toThrow('expected a value of type i32, received one of type f32');
    expect(() => unsigned(-1)).toThrow('-1 is not an unsigned integer');
    expect(() => signed(0.5)).toThrow('0.5 is not an integer');
  });
});

describe('scalar instructions', () => {
  const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

  test('i32 arithmetic and comparison are JavaScript’s', () => {
    const cases: [(a: Value<'i32'>, b: Value<'i32'>) => Value<'i32'>, (a: number, b: number) => number][] = [
      [i32.add, (a, b) => (a + b) | 0],
      [i32.sub, (a, b) => (a - b) | 0],
      [i32.mul, Math.imul],
      [i32.and, (a, b) => a & b],
      [i32.or, (a, b) => a | b],
      [i32.xor, (a, b) => a ^ b],
      [i32.shl, (a, b) => a << b],
      [i32.shr_s, (a, b) => a >> b],
      [i32.shr_u, (a, b) => (a >>> b) | 0],
      [i32.rotl, (a, b) => (a << b) | (a >>> (32 - (b & 31)))],
      [i32.eq, (a, b) => +(a === b)],
      [i32.ne, (a, b) => +(a !== b)],
      [i32.lt_s, (a, b) => +(a < b)],
      [i32.le_s, (a, b) => +(a <= b)],
      [i32.gt_s, (a, b) => +(a > b)],
      [i32.ge_s, (a, b) => +(a >= b)],
      [i32.lt_u, (a, b) => +(a >>> 0 < b >>> 0)],
      [i32.gt_u, (a, b) => +(a >>> 0 > b >>> 0)],
      [i32.le_u, (a, b) => +(a >>> 0 <= b >>> 0)],
      [i32.ge_u, (a, b) => +(a >>> 0 >= b >>> 0)],
      [(a, b) => i32.min_u(a, b), (a, b) => Math.min(a >>> 0, b >>> 0) | 0],
    ];
    for (const [instruction, expected] of cases) {
      const { call } = instantiate(['i32', 'i32'], ['i32'], (_f, a, b) => instruction(a, b));
      fc.assert(fc.property(int, int, (a, b) => call(a, b) === expected(a, b)));
    }
    const divide = instantiate(['i32', 'i32'], ['i32'], (_f, a, b) =>
      i32.add(i32.mul(i32.div_u(a, b), b), i32.rem_u(a, b)),
    );
    fc.assert(fc.property(int, int, (a, b) => b === 0 || divide.call(a, b) === a));
    const signedDivide = instantiate(['i32', 'i32'], ['i32'], (_f, a, b) =>
      i32.add(i32.mul(i32.div_s(a, b), b), i32.rem_s(a, b)),
    );
    fc.assert(fc.property(int, fc.integer({ min: 1, max: 1000 }), (a, b) => signedDivide.call(a, b) === a));
    expect(instantiate(['i32'], ['i32'], (_f, a) => i32.eqz(a)).call(0)).toBe(1);
    expect(instantiate(['i32'], ['i32'], (_f, a) => i32.clz(a)).call(1)).toBe(31);
    expect(instantiate(['i32'], ['i32'], (_f, a) => i32.ctz(a)).call(8)).toBe(3);
  });

  test('floats and conversions', () => {
    const near = (x: number): number => Math.fround(x);
    const binaries: [keyof typeof f32 & keyof typeof f64, (a: number, b: number) => number][] = [
      ['add', (a, b) => a + b],
      ['sub', (a, b) => a - b],
      ['mul', (a, b) => a * b],
      ['div', (a, b) => a / b],
      ['min', Math.min],
      ['max', Math.max],
    ];
    for (const [name, expected] of binaries) {
      const single = instantiate(['f32', 'f32'], ['f32'], (_f, a, b) => (f32[name] as any)(a, b));
      const double = instantiate(['f64', 'f64'], ['f64'], (_f, a, b) => (f64[name] as any)(a, b));
      fc.assert(fc.property(fc.float(), fc.float(), (a, b) => Object.is(single.call(a, b), near(expected(a, b)))));
      fc.assert(fc.property(fc.double(), fc.double(), (a, b) => Object.is(double.call(a, b), expected(a, b))));
    }
    expect(instantiate(['f64'], ['f64'], (_f, a) => f64.nearest(a)).call(2.5)).toBe(2);
    expect(instantiate(['f64'], ['f32'], (_f, a) => f32.demote_f64(a)).call(0.1)).toBe(near(0.1));
    expect(instantiate(['f32'], ['f64'], (_f, a) => f64.promote_f32(a)).call(0.5)).toBe(0.5);
    expect(instantiate(['i32'], ['f32'], (_f, a) => f32.convert_i32_s(a)).call(-3)).toBe(-3);
    expect(instantiate(['i32'], ['f64'], (_f, a) => f64.convert_i32_s(a)).call(-3)).toBe(-3);
    expect(instantiate(['f64'], ['i32'], (_f, a) => i32.trunc_sat_f64_s(a)).call(-3.9)).toBe(-3);
    expect(instantiate(['f32'], ['i32'], (_f, a) => i32.reinterpret_f32(a)).call(1)).toBe(0x3f800000);
    expect(instantiate(['i32'], ['f32'], (_f, a) => f32.reinterpret_i32(a)).call(0x3f800000)).toBe(1);
    const wide = instantiate(['i32', 'i32'], ['i32'], (_f, a, b) =>
      i32.wrap_i64(i64.shr_u(i64.mul(i64.extend_i32_u(a), i64.extend_i32_u(b)), 32)),
    );
    expect(wide.call(0x80000000, 6)).toBe(3);
    expect(instantiate(['i32'], ['i32'], (_f, a) => select(a, i32.const(7), i32.const(9))).call(0)).toBe(9);
  });
});

describe('vector instructions', () => {
  const four = fc.tuple(fc.float(), fc.float(), fc.float(), fc.float());

  test('f32x4 computes each lane as float32', () => {
    const near = (x: number): number => Math.fround(x);
    const cases: [(a: Value<'v128'>, b: Value<'v128'>) => Value<'v128'>, (a: number, b: number) => number][] = [
      [f32x4.add, (a, b) => near(a + b)],
      [f32x4.sub, (a, b) => near(a - b)],
      [f32x4.mul, (a, b) => near(a * b)],
      [f32x4.div, (a, b) => near(a / b)],
      [f32x4.min, Math.min],
      [f32x4.max, Math.max],
      [f32x4.pmin, (a, b) => (b < a ? b : a)],
      [f32x4.pmax, (a, b) => (a < b ? b : a)],
      [(a) => f32x4.abs(a), Math.abs],
      [(a) => f32x4.neg(a), (a) => -a],
      [(a) => f32x4.sqrt(a), (a) => near(Math.sqrt(a))],
      [(a) => f32x4.floor(a), Math.floor],
      [(a) => f32x4.ceil(a), Math.ceil],
      [(a) => f32x4.trunc(a), Math.trunc],
    ];
    for (const [instruction, expected] of cases) {
      fc.assert(
        fc.property(four, four, (a, b) => {
          const got = new Float32Array(lanes(instruction, Float32Array.from(a), Float32Array.from(b)));
          a.forEach((x, i) => expect(got[i]).toBe(expected(x, b[i])));
        }),
        { numRuns: 20 },
      );
    }
    const masks: [(a: Value<'v128'>, b: Value<'v128'>) => Value<'v128'>, number[]][] = [
      [f32x4.eq, [0, -1, 0, 0]],
      [f32x4.ne, [-1, 0, -1, -1]],
      [f32x4.lt, [-1, 0, 0, 0]],
      [f32x4.gt, [0, 0, -1, 0]],
      [f32x4.le, [-1, -1, 0, 0]],
      [f32x4.ge, [0, -1, -1, 0]],
    ];
    for (const [instruction, expected] of masks) {
      expect([
        ...new Int32Array(lanes(instruction, Float32Array.of(1, 2, 3, NaN), Float32Array.of(2, 2, 2, 2))),
      ]).toEqual(expected);
    }
    expect([...new Float32Array(lanes((a) => f32x4.nearest(a), Float32Array.of(0.5, 1.5, 2.5, -0.6)))]).toEqual([
      0, 2, 2, -1,
    ]);
  });

  test('f64x2, i32x4 and conversions between widths', () => {
    const doubles = Float64Array.of(1.5, -2.25);
    expect([...new Float64Array(lanes((a, b) => f64x2.add(a, f64x2.mul(b, b)), doubles))]).toEqual([3.75, 2.8125]);
    expect([...new Float64Array(lanes((a) => f64x2.sqrt(f64x2.abs(a)), Float64Array.of(4, -9)))]).toEqual([2, 3]);
    expect([...new Float64Array(lanes((a) => f64x2.nearest(a), Float64Array.of(0.5, 3.5)))]).toEqual([0, 4]);
    expect([...new Float64Array(lanes((a) => f64x2.promote_low_f32x4(a), Float32Array.of(0.5, 7, 8, 9)))]).toEqual([
      0.5, 7,
    ]);
    expect([...new Float32Array(lanes((a) => f32x4.demote_f64x2_zero(a), doubles))]).toEqual([1.5, -2.25, 0, 0]);
    const ints = Int32Array.of(7, -7, 2 ** 31 - 1, -(2 ** 31));
    expect([...new Int32Array(lanes((a) => i32x4.add(a, i32x4.splat(1)), ints))]).toEqual([
      8,
      -6,
      -(2 ** 31),
      -(2 ** 31) + 1,
    ]);
    expect([...new Int32Array(lanes((a) => i32x4.mul(a, a), ints))]).toEqual([49, 49, 1, 0]);
    expect([...new Int32Array(lanes((a) => i32x4.shr_s(i32x4.shl(a, 1), 1), ints))]).toEqual([7, -7, -1, 0]);
    expect([...new Int32Array(lanes((a) => i32x4.gt_s(a, i32x4.splat(0)), ints))]).toEqual([-1, 0, -1, 0]);
    expect([...new Int32Array(lanes((a) => i32x4.max_s(a, i32x4.splat(0)), ints))]).toEqual([7, 0, 2 ** 31 - 1, 0]);
    expect([...new Float32Array(lanes((a) => f32x4.convert_i32x4_s(a), ints))]).toEqual([7, -7, 2 ** 31, -(2 ** 31)]);
    expect([
      ...new Int32Array(lanes((a) => i32x4.trunc_sat_f32x4_s(a), Float32Array.of(1.9, -1.9, 1e20, NaN))),
    ]).toEqual([1, -1, 2 ** 31 - 1, 0]);
    expect([
      ...new Uint32Array(lanes((a) => i32x4.trunc_sat_f64x2_u_zero(a), Float64Array.of(2 ** 32 - 1, -5))),
    ]).toEqual([2 ** 32 - 1, 0, 0, 0]);
    expect([
      ...new Int32Array(
        lanes(
          (a) => i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(a)),
          Uint8Array.from({ length: 16 }, (_, i) => i + 1),
        ),
      ),
    ]).toEqual([1, 2, 3, 4]);
    const narrow = new Uint8Array(
      lanes(
        (a) => i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(a, a), i16x8.narrow_i32x4_u(a, a)),
        Int32Array.of(1, 0, 255, 3),
      ),
    );
    expect([...narrow.subarray(0, 4)]).toEqual([1, 0, 255, 3]);
  });

  test('shuffles, lanes and bit operations', () => {
    const a = Int32Array.of(1, 2, 3, 4);
    const b = Int32Array.of(5, 6, 7, 8);
    expect([...new Int32Array(lanes((x, y) => v128.shuffle32(x, y, [0, 4, 3, 7]), a, b))]).toEqual([1, 5, 4, 8]);
    expect([...new Int32Array(lanes((x, y) => v128.bitselect(x, y, i32x4.gt_s(x, i32x4.splat(2))), a, b))]).toEqual([
      5, 6, 3, 4,
    ]);
    expect([...new Int32Array(lanes((x, y) => select(i32.const(0), x, y), a, b))]).toEqual([5, 6, 7, 8]);
    expect([...new Int32Array(lanes((x, y) => v128.andnot(x, y), a, b))]).toEqual([1 & ~5, 2 & ~6, 3 & ~7, 4 & ~8]);
    expect([...new Int32Array(lanes((x) => i32x4.replace_lane(x, 2, 99), a))]).toEqual([1, 2, 99, 4]);
    expect([...new Int32Array(lanes((x) => v128.load32_lane(4, x, 3), a))]).toEqual([1, 2, 3, 2]);
    expect([...new Int32Array(lanes(() => v128.load32_splat(0, 8), a))]).toEqual([3, 3, 3, 3]);
    expect([...new Int32Array(lanes(() => v128.load64_zero(8), a))]).toEqual([3, 4, 0, 0]);
    expect([...new Float64Array(lanes(() => v128.load64_splat(0), Float64Array.of(2.5, 1)))]).toEqual([2.5, 2.5]);
    expect(instantiate([], ['f32'], () => f32x4.extract_lane(f32x4.splat(2.5), 3)).call()).toBe(2.5);
    expect(instantiate([], ['i32'], () => v128.any_true(i32x4.splat(0))).call()).toBe(0);
    const lane = instantiate([], [], (f) =>
      f.do(v128.store32_lane(4, i32x4.splat(6), 1), v128.store64_lane(8, i32x4.splat(7), 0)),
    );
    lane.call();
    expect([...new Int32Array(lane.memory.buffer, 0, 4)]).toEqual([0, 6, 7, 7]);
  });

  test('relaxed multiply-add', ({ skip }) => {
    if (!features.relaxedSimd) skip('this engine has no relaxed SIMD');
    const got = new Float32Array(
      lanes((a, b) => f32x4.relaxed_madd(a, b, a), Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)),
    );
    expect([...got]).toEqual([6, 14, 24, 36]);
  });
});

describe('statements', () => {
  test('range, repeat, while, if, block', () => {
    const sum = instantiate(['i32', 'i32'], ['i32'], (f, from, to) => {
      const total = f.local('i32');
      f.range(from, to, 2, (i) => f.set(total, i32.add(total, i)));
      return total;
    });
    expect(sum.call(3, 10)).toBe(3 + 5 + 7 + 9);
    expect(sum.call(10, 3)).toBe(0);
    const power = instantiate(['i32', 'i32'], ['i32'], (f, base, n) => {
      const y = f.let(i32.const(1));
      f.repeat(n, () => f.set(y, i32.mul(y, base)));
      return y;
    });
    expect([power.call(3, 4), power.call(3, 0)]).toEqual([81, 1]);
    const collatz = instantiate(['i32'], ['i32'], (f, n) => {
      const steps = f.local('i32');
      f.while(i32.ne(n, 1), () => {
        f.if(
          i32.and(n, 1),
          () => f.set(n, i32.add(i32.mul(n, 3), 1)),
          () => f.set(n, i32.shr_u(n, 1)),
        );
        f.set(steps, i32.add(steps, 1));
      });
      return steps;
    });
    expect(collatz.call(27)).toBe(111);
    const first = instantiate(['i32'], ['i32'], (f, limit) => {
      const found = f.local('i32');
      f.block((leave) => {
        f.range(0, limit, 1, (i) => {
          f.set(found, i);
          leave(i32.gt_s(i32.mul(i, i), 50));
        });
        f.set(found, -1);
      });
      return found;
    });
    expect([first.call(100), first.call(3)]).toEqual([8, -1]);
    const odd = instantiate(['i32'], ['i32'], (f, limit) => {
      const count = f.local('i32');
      f.range(0, limit, 1, (i) =>
        f.block((leave) => {
          leave(i32.eqz(i32.and(i, 1)));
          f.set(count, i32.add(count, 1));
        }),
      );
      return count;
    });
    expect(odd.call(7)).toBe(3);
  });

  test('a function may end early with its value; equal values that are hoisted are one variable', () => {
    const { call } = instantiate(['i32'], ['i32'], (f, x) => {
      const seven = f.hoist(i32.const(7));
      expect(f.hoist(i32.const(7))).toBe(seven);
      f.if(x, () => f.return(seven));
      return f.hoist(i32.const(9));
    });
    expect([call(1), call(0)]).toEqual([7, 9]);
  });

  test('functions call each other, directly and by the table', () => {
    const table = new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
    const memory = new WebAssembly.Memory(SHARED);
    const module = new ModuleBuilder(SHARED, { table: true });
    const square = module.function('square', ['i32'], ['i32'], (_f, x) => i32.mul(x, x), false);
    const type = module.type(['i32']);
    module.function('put', ['i32'], [], (f, x) => f.do(i32.store(64, f.valueOf('i32', square, x))));
    module.function('run', ['i32'], [], (f, x) => f.callIndirect(type, i32.const(0), x));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory, table } });
    expect(Object.keys(exports)).toEqual(['put', 'run']);
    table.set(0, exports.put as never);
    (exports.run as (x: number) => void)(7);
    expect(new Int32Array(memory.buffer)[16]).toBe(49);
  });

  test('constants and functions from outside', () => {
    const module = new ModuleBuilder(SHARED, { globals: ['scratch'] });
    const atan2 = module.import('atan2', ['f64', 'f64'], ['f64']);
    module.function('f', ['f64'], ['f64'], (f, x) =>
      f.valueOf('f64', atan2, x, f64.convert_i32_s(module.global('scratch'))),
    );
    expect(() => module.import('late', [], [])).toThrow('late is imported after functions were written');
    expect(() => module.global('other')).toThrow("the module imports no constant 'other'; it has scratch");
    const env = {
      memory: new WebAssembly.Memory(SHARED),
      scratch: new WebAssembly.Global({ value: 'i32' }, 4),
      atan2: Math.atan2,
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env });
    expect((exports.f as (x: number) => number)(3)).toBe(Math.atan2(3, 4));
  });

  test('whole ranges of memory, and atomics', () => {
    const { call, memory: m } = instantiate([], ['i32'], (f) => {
      f.do(memory.fill(0, 7, 8), memory.copy(8, 0, 4), atomics.store(32, 5));
      f.set(f.local('i32'), atomics.notify(32, 1));
      return i32.add(atomics.add(32, 3), i32.mul(100, atomics.load(0, 32)));
    });
    expect(call()).toBe(5 + 800);
    expect([...new Uint8Array(m.buffer, 0, 16)]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0]);
    const wait = instantiate([], ['i32'], () => atomics.wait(0, 1, 1000));
    expect(wait.call()).toBe(1);
  });

  test('wrong use is refused when the module is written', () => {
    const module = new ModuleBuilder(SHARED);
    expect(() => module.function('f', [], ['i32'], () => f32.load(0))).toThrow('f should give i32, its body gives f32');
    const g = module.function('g', ['i32'], [], () => {});
    expect(() => module.function('h', [], [], (f) => f.call(g))).toThrow('g takes 1 arguments, received 0');
    const one = module.function('one', [], ['i32'], () => i32.const(1));
    expect(() => module.function('h', [], [], (f) => f.call(one))).toThrow('one gives a value; use valueOf');
    expect(() => module.function('h', [], [], (f) => f.drop(f.valueOf('f32', one)))).toThrow('one gives i32, not f32');
    expect(() => module.function('h', [], [], (f) => f.drop(f.valueOf('i32', g, 1)))).toThrow(
      'g gives nothing, not i32',
    );
    expect(() => module.function('h', [], [], () => i32.const(1))).toThrow('h should give nothing, its body gives i32');
    expect(() => module.function('h', [], ['i32'], () => {})).toThrow('h should give i32, its body gives nothing');
    expect(() => module.global('scratch')).toThrow("the module imports no constant 'scratch'; it has none");
    expect(() => module.import('late', [], [])).toThrow('late is imported after functions were written');
  });
});

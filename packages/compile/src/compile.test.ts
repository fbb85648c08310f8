import { recompute, valueAndGrad } from '@lemmata/autograd';
import {
  add,
  apply,
  broadcastTo,
  div,
  Eager,
  EAGER_REFERENCE,
  exp,
  matmul,
  mul,
  neg,
  sub,
  sum,
  tensor,
  zeros,
  full,
  reshape,
  run,
  transpose,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { describe, expect, test, vi } from 'vitest';
import { compile } from './compile.js';
import { NonFiniteError } from './non-finite.js';

interface State {
  readonly w: Tensor;
  readonly momentum: Tensor;
}

/** Gradient descent with momentum on ½ Σ (w · x − y)². */
function descend(state: State, x: Tensor, y: Tensor, rate: number | Tensor): [State, Tensor] {
  const { value, grads } = valueAndGrad((w: Tensor) => {
    const error = sub(mul(w, x), y);
    return mul(sum(mul(error, error)), 0.5);
  })(state.w);
  const momentum = add(mul(state.momentum, 0.9), grads);
  return [{ w: sub(state.w, mul(momentum, rate)), momentum }, value];
}

const start = (): State => ({ w: tensor([1, -2, 3]), momentum: zeros([3]) });
const x = tensor([0.5, 1.5, -1]);
const y = tensor([2, 1, 0]);

describe('compile', () => {
  test('equals eager bit for bit over donated steps, fused and not', () => {
    for (const fuse of [true, false]) {
      const step = compile(descend, { donate: 1, fuse });
      let compiled = start();
      let eager = start();
      for (let i = 0; i < 5; i++) {
        let [a, b]: Tensor[] = [];
        [eager, a] = descend(eager, x, y, 0.1);
        [compiled, b] = step(compiled, x, y, 0.1);
        expect(b.toArray()).toEqual(a.toArray());
        expect(compiled.w.dataSync()).toEqual(eager.w.dataSync());
        expect(compiled.momentum.dataSync()).toEqual(eager.momentum.dataSync());
      }
      expect(step.size).toBe(1);
    }
  });

  test('a number is an input: another one makes no other program, and changes the result', () => {
    const scaled = compile((v: Tensor, rate: number) => mul(v, rate));
    expect(scaled(tensor([1, 2]), 0.1).dataSync()).toEqual(mul(tensor([1, 2]), 0.1).dataSync());
    expect(scaled(tensor([1, 2]), 3).toArray()).toEqual([3, 6]);
    expect(scaled.size).toBe(1);
    expect(scaled(tensor([1, 2, 3]), 3).toArray()).toEqual([3, 6, 9]);
    expect(scaled.size).toBe(2);
    expect(String(scaled)).toMatch(/^compiled function: 2 lines[^]*\n\ncompiled function: 2 lines.* 24 bytes in all/);
    expect(scaled.workingBytes).toBe(24);
  });

  test('without tensors among the arguments, and without results', () => {
    const ramp = compile((n: number) => mul(tensor([1, 2]), n));
    expect([ramp(2), ramp(3)].map((t) => t.toArray())).toEqual([
      [2, 4],
      [3, 6],
    ]);
    expect(ramp.size).toBe(1);
    expect(compile((_n: number) => undefined)(1)).toBe(undefined);
  });

  test('what was donated is gone, and says so; what was not is not touched', () => {
    const step = compile(descend, { donate: 1 });
    const first = start();
    const [second] = step(first, x, y, 0.1);
    expect(first.w.toArray()).toEqual([1, -2, 3]);

    step(second, x, y, 0.1);
    expect(() => second.w.dataSync()).toThrow(
      /was made by descend, and it was donated to descend, which has replaced it/,
    );
  });

  test('a step that gives nothing but what it replaces makes no arrays', () => {
    const step = compile((s: State) => ({ w: sub(s.w, s.momentum), momentum: mul(s.momentum, 0.9) }), { donate: 1 });
    let state = step(start());
    const allocate = vi.spyOn(EAGER_REFERENCE.backend, 'allocate');
    for (let i = 0; i < 3; i++) state = step(state);
    expect(allocate).not.toHaveBeenCalled();
    allocate.mockRestore();
  });

  test('two states may take turns in one compiled function', () => {
    const step = compile(descend, { donate: 1 });
    let [a] = step(start(), x, y, 0.1);
    let [b] = step({ w: tensor([9, 9, 9]), momentum: zeros([3]) }, x, y, 0.1);
    [a] = step(a, x, y, 0.1);
    [b] = step(b, x, y, 0.1);
    let [ea] = descend(start(), x, y, 0.1);
    [ea] = descend(ea, x, y, 0.1);
    let [eb] = descend({ w: tensor([9, 9, 9]), momentum: zeros([3]) }, x, y, 0.1);
    [eb] = descend(eb, x, y, 0.1);
    expect(a.w.dataSync()).toEqual(ea.w.dataSync());
    expect(b.w.dataSync()).toEqual(eb.w.dataSync());
  });

  test('tied, swapped and also-read donated arguments', () => {
    const swap = compile((p: { a: Tensor; b: Tensor }) => ({ a: p.b, b: p.a }), { donate: 1 });
    let p = swap({ a: tensor([1, 2]), b: tensor([3, 4]) });
    p = swap(p);
    p = swap(p);
    expect([p.a.toArray(), p.b.toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
    const outside = swap({ a: p.b, b: p.a });
    expect([outside.a.toArray(), outside.b.toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);

    const turn = compile((w: Tensor) => add(w, 1), { donate: 1 });
    const square = turn(tensor([0, 1, 2, 3], { shape: [2, 2] }));
    expect(turn(transpose(square)).toArray()).toEqual([
      [2, 4],
      [3, 5],
    ]);
    expect(square.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);

    const tied = tensor([1, 2]);
    const bump = compile((q: { a: Tensor; b: Tensor }) => ({ a: add(q.a, 1), b: add(q.b, q.a) }), { donate: 1 });
    const bumped = bump({ a: tied, b: tied });
    expect([bumped.a.toArray(), bumped.b.toArray()]).toEqual([
      [2, 3],
      [2, 4],
    ]);

    const both = compile((q: Tensor, z: Tensor) => [add(q, 1), mul(q, z)], { donate: 1 });
    const [q] = both(tensor([1, 2]), tensor([5, 5]));
    const [next, product] = both(q, q);
    expect([next.toArray(), product.toArray()]).toEqual([
      [3, 4],
      [4, 9],
    ]);
  });

  test('what a number takes the place of was not donated, and stays', () => {
    const count = compile((s: { n: Tensor | number }) => ({ n: add(s.n, tensor(1, { dtype: 'float64' })) }), {
      donate: 1,
    });
    const second = count(count({ n: 0 }));
    expect([count({ n: 100 }).n.item(), second.n.item(), count(second).n.item()]).toEqual([101, 2, 3]);
  });

  test('results pair with donated arguments alone', () => {
    const both = compile((a: Tensor, b: Tensor) => [add(a, 1), add(b, 1)], { donate: 1 });
    const [a, b] = both(tensor([1]), tensor([2]));
    const [c, d] = both(a, b);
    expect([c.item(), d.item(), b.item()]).toEqual([3, 4, 3]);
    expect(() => a.item()).toThrow(/was donated to/);
    const one = compile((s: { w: Tensor }) => ({ w: add(s.w, 1) }), { donate: 1 });
    const once = one({ w: tensor([1]) });
    expect(one(once).w.item()).toBe(3);
    expect(() => once.w.item()).toThrow(/was donated to/);
  });

  test('a state passed through unchanged stays', () => {
    const f = compile((s: { a: Tensor; b: Tensor }, v: Tensor) => [{ a: s.a, b: add(s.b, v) }, sum(s.a)], {
      donate: 1,
    });
    let s = { a: tensor([1, 2]), b: tensor([0, 0]) };
    for (let i = 0; i < 3; i++) [s] = f(s, tensor([1, 1])) as [typeof s, Tensor];
    expect([s.a.toArray(), s.b.toArray()]).toEqual([
      [1, 2],
      [3, 3],
    ]);
  });

  test('a refused step changes nothing and names op and place', () => {
    const step = compile((s: { w: Tensor; n: Tensor }, v: Tensor) => [{ w: div(s.w, v), n: add(s.n, 1) }, sum(s.w)], {
      donate: 1,
      name: 'step',
    });
    let [s] = step({ w: tensor([1, 2]), n: tensor([0]) }, tensor([2, 2])) as [{ w: Tensor; n: Tensor }, Tensor];
    let error: unknown;
    try {
      step(s, tensor([1, 0]));
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as NonFiniteError).op).toBe('div');
    expect((error as Error).message).toMatch(
      /step: div, which reads 0\.w, 1 made Infinity of finite values \(element 1 of float32\[2\]\)/,
    );
    expect((error as NonFiniteError).site).toMatch(/compile\.test\.ts/);
    expect([s.w.toArray(), s.n.toArray()]).toEqual([[0.5, 1], [1]]);
    [s] = step(s, tensor([2, 2])) as [{ w: Tensor; n: Tensor }, Tensor];
    expect([s.w.toArray(), s.n.toArray()]).toEqual([[0.25, 0.5], [2]]);
    expect(() => step(s, tensor([NaN, 1]))).toThrow(/argument 1 is NaN at 0 already/);
  });

  test('of lines side by side, the one that made it is named', () => {
    const step = compile(
      (s: Record<string, Tensor>, v: Tensor) => [
        Object.fromEntries(Object.entries(s).map(([name, w]) => [name, div(w, add(v, 1))])),
        sum(v),
      ],
      { donate: 1, name: 'step' },
    );
    const state = { a: tensor([0]), b: tensor([0, 1]), c: tensor([0]) };
    expect(() => step(state, tensor(-1))).toThrow(NonFiniteError);
    try {
      step({ ...state, a: tensor([NaN]) }, tensor(1));
    } catch (error) {
      expect((error as Error).message).toMatch(/argument 0\.a is NaN/);
    }
    try {
      step({ a: tensor([1]), b: tensor([2]), c: tensor([3e38]) }, tensor(-0.9999));
    } catch (error) {
      expect((error as NonFiniteError).parameters).toEqual(['0.c']);
      expect((error as Error).message).toMatch(/step: div, which reads 0\.c made Infinity/);
    }
    expect(String(step)).toContain('×3');
    expect.assertions(5);
  });

  test('an op that reads no argument is told by those nearest before it, also where it runs again', () => {
    for (const around of [(f: (x: Tensor, w: Tensor) => Tensor) => f, recompute]) {
      const layer = around((x, w) => exp(matmul(x, w)));
      const step = compile(
        (p: { near: Tensor; far: Tensor }, x: Tensor) => [p, sum(neg(layer(neg(layer(x, p.far)), p.near)))],
        { donate: 1, fuse: false, name: 'step' },
      );
      let error: unknown;
      try {
        step({ near: tensor([[-100]]), far: tensor([[1]]) }, tensor([[1]]));
      } catch (e) {
        error = e;
      }
      expect((error as Error).message).toMatch(/^step: exp, behind 0\.near made Infinity/);
      expect((error as NonFiniteError).parameters).toEqual(['0.near']);
    }
  });

  test('what is not finite already where it is captured has no line to name', () => {
    const step = compile((w: Tensor) => add(w, tensor([NaN, 1])), { donate: 1, name: 'step' });
    let error: unknown;
    try {
      step(tensor([1, 1]));
    } catch (e) {
      error = e;
    }
    expect(error).toMatchObject({
      message: 'step: the result is not finite; nothing was changed',
      op: null,
      site: null,
      parameters: [],
    });
  });

  test('nonFinite: allow returns what there is', () => {
    expect(compile((v: Tensor) => div(v, 0))(tensor([1])).toArray()).toEqual([Infinity]);
  });

  test('refuses to read while tracing, to await, and unknown options', () => {
    expect(() => compile((v: Tensor) => mul(v, v.dataSync()[0]))(tensor([1]))).toThrow(
      /were read while the function was traced/,
    );
    expect(() => compile((async (v: Tensor) => v) as never)(tensor([1]) as never)).toThrow(/must be synchronous/);
    expect(() => compile((v: Tensor) => v, { donated: 1 } as never)).toThrow(
      "compile: unknown option 'donated'; did you mean 'donate'",
    );
  });

  test('NaN, −0 and ±∞ constants survive common-subexpression elimination', () => {
    const f = compile((v: Tensor) => [NaN, -0, 0, Infinity, -Infinity].map((c) => mul(full([2], c), v)));
    expect(f(tensor([1, 1])).map((t) => t.dataSync()[0])).toEqual([NaN, -0, 0, Infinity, -Infinity]);
  });

  test('under a gradient it is the function itself', () => {
    const square = compile((v: Tensor) => sum(mul(v, v)));
    expect(valueAndGrad(square as (v: Tensor) => Tensor)(tensor([1, 2])).grads.toArray()).toEqual([2, 4]);
  });

  test('programs of another batch size share memory and residents', () => {
    const step = compile((w: Tensor, v: Tensor) => [sub(w, sum(mul(v, v))), sum(neg(v))], { donate: 1 });
    let w: Tensor = tensor(100);
    [w] = step(w, tensor([1, 2, 3, 4])) as [Tensor, Tensor];
    const bytes = step.workingBytes;
    const reserve = vi.spyOn(EAGER_REFERENCE.backend, 'reserve');
    [w] = step(w, tensor([1, 2])) as [Tensor, Tensor];
    // For v alone.
    expect(reserve.mock.calls).toEqual([[8]]);
    reserve.mockRestore();
    [w] = step(w, tensor([1, 2, 3, 4])) as [Tensor, Tensor];
    expect(w.item()).toBe(100 - 30 - 5 - 30);
    expect(step.workingBytes).toBe(bytes);
  });

  test('elementwise chains run as one line, over broadcasts and reshapes of inputs', () => {
    const f = (v: Tensor, bias: Tensor): Tensor => {
      const h = add(v, broadcastTo(bias, [2, 3]));
      return reshape(mul(sub(h, 1), div(h, 2)), [6]);
    };
    const g = compile(f);
    const args = [
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([10, 20, 30]),
    ] as const;
    expect(g(...args).dataSync()).toEqual(f(...args).dataSync());
    expect(String(g)).toMatch(/: 1 line, 2 layouts, 1 slot of 24 bytes in all; 24 FLOP, 72 B read and written/);
  });

  test('a sum of products is one line, with the operations of both and nothing stored between', () => {
    const f = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axis: 1, keepdims: true });
    const g = compile(f);
    const [a, b] = [tensor([1, 2, 3, 4, 5, 6], { shape: [2, 3] }), tensor([0.1, 0.2, 0.3])];
    expect(g(a, b).dataSync()).toEqual(f(a, b).dataSync());
    expect(String(g)).toMatch(/: 1 line, .* 1 slot of 8 bytes in all; 12 FLOP, /);
  });

  test('the order of names makes no other program', () => {
    const f = compile(
      (s: { a: Tensor; b: Tensor }, k: { rate: number; v: Tensor }) => [{ b: add(s.b, k.v), a: mul(s.a, k.rate) }, k.v],
      { donate: 1 },
    );
    let s = { a: tensor([1, 2]), b: tensor([3, 4]) };
    for (let i = 0; i < 3; i++) {
      const k = { rate: 2, v: tensor([1, 1]) };
      [s] = f(i === 1 ? { b: s.b, a: s.a } : s, i === 2 ? { v: k.v, rate: k.rate } : k) as [typeof s, Tensor];
    }
    expect([s.a.toArray(), s.b.toArray()]).toEqual([
      [8, 16],
      [6, 7],
    ]);
    expect(f.size).toBe(1);
    expect(() => f({ a: s.a, c: s.b } as never, { rate: 1, v: s.a })).toThrow();
    expect(() => f({ a: s.a, b: s.b, c: s.b } as never, { rate: 1, v: tensor([1, 1]) })).not.toThrow();
    expect(f.size).toBe(2);
  });

  test('0 and −0 are two numbers', () => {
    const f = compile((x: Tensor, { rate }: { rate: number }) => mul(x, rate));
    const x = tensor([1]);
    expect([0, -0, 0].map((rate) => f(x, { rate }).item())).toEqual([0, -0, 0]);
    expect(f.size).toBe(1);
  });

  test('programs that move different parts of one state take turns', () => {
    const f = compile(
      (s: { a: Tensor; b: Tensor }, v: Tensor) => {
        const twice = v.size === 2 ? s.b : mul(s.b, 2);
        return [{ a: add(s.a, sum(v)), b: twice }, mul(s.b, 1)];
      },
      { donate: 1 },
    );
    let s = { a: tensor(0), b: tensor([1, 10]) };
    let last: Tensor = s.b;
    for (const v of [[1, 1], [1], [1], [1, 1], [1], [1, 1], [1, 1]]) [s, last] = f(s, tensor(v)) as [typeof s, Tensor];
    expect([s.a.item(), s.b.toArray(), last.toArray()]).toEqual([11, [8, 80], [8, 80]]);
    expect(f.size).toBe(2);
  });

  test('a refused step leaves every part readable, and the next one goes on from there', () => {
    const f = compile((s: { a: Tensor; b: Tensor }, v: Tensor) => [{ a: s.b, b: div(s.a, v) }, s.a], { donate: 1 });
    let s = { a: tensor([8, 4]), b: tensor([2, 2]) };
    for (const v of [
      [2, 2],
      [0, 1],
      [4, 1],
      [0, 0],
      [1, 2],
    ]) {
      const before = [s.a.toArray(), s.b.toArray()];
      try {
        [s] = f(s, tensor(v)) as [typeof s, Tensor];
      } catch (error) {
        expect(error).toBeInstanceOf(NonFiniteError);
        expect([s.a.toArray(), s.b.toArray()]).toEqual(before);
      }
    }
    // (8 4, 2 2) → (2 2, 4 2) → (4 2, ½ 2) → (½ 2, 4 1)
    expect([s.a.toArray(), s.b.toArray()]).toEqual([
      [0.5, 2],
      [4, 1],
    ]);
  });

  test('lists, numbers and words among the arguments: another structure is another program', () => {
    const total = compile(({ xs, weight, how }: { xs: readonly Tensor[]; weight: number | Tensor; how: string }) => ({
      sum: mul(xs.reduce(add), weight),
      parts: xs.map((each) => neg(each)),
      how,
    }));
    const [a, b] = [tensor([1, 2]), tensor([10, 20])];
    const asked = (xs: readonly Tensor[], weight: number | Tensor, how = 'plain') => {
      const { sum: all, parts, how: said } = total({ xs, weight, how });
      return [all.toArray(), parts.length, said, total.size];
    };
    expect(asked([a, b], 2)).toEqual([[22, 44], 2, 'plain', 1]);
    expect(asked([b, b], 3)).toEqual([[60, 120], 2, 'plain', 1]);
    expect(asked([a], 2)).toEqual([[2, 4], 1, 'plain', 2]);
    expect(asked([a, b], tensor(2))).toEqual([[22, 44], 2, 'plain', 3]);
    expect(asked([a, b], 2, 'other')).toEqual([[22, 44], 2, 'other', 4]);
    expect(asked([a, tensor([1, 2], { dtype: 'float64' })], 2)[3]).toBe(5);
    expect(asked([a, b], 4)).toEqual([[44, 88], 2, 'plain', 5]);
    expect(() => total({ xs: { 0: a, 1: b } as never, weight: 2, how: 'plain' })).toThrow(TypeError);
    expect(() => total(tensor([1]) as never)).toThrow(TypeError);
    expect(() => total([a] as never)).toThrow(TypeError);
    expect(
      (total as unknown as (...args: unknown[]) => unknown)({ xs: [a, b], weight: 2, how: 'plain' }, 1),
    ).toBeDefined();
    expect(total.size).toBe(6);
  });

  test('what donate asks for', () => {
    for (const donate of [-1, 0.5])
      expect(() => compile((v: Tensor) => v, { donate })).toThrow(
        `compile: donate counts arguments, received ${donate}`,
      );
    for (const nonFinite of ['refused', true])
      expect(() => compile((v: Tensor) => v, { nonFinite: nonFinite as never })).toThrow(
        `compile: nonFinite is 'refuse' or 'allow', received ${nonFinite}`,
      );
    const two = compile((a: Tensor, b: Tensor) => add(a, b), { donate: 2, name: 'two' });
    expect(two.workingBytes).toBe(0);
    expect(() => two(tensor([1]), tensor([2]))).toThrow(
      'two: with donate: 2 it must return an array whose first 2 entries replace the donated arguments',
    );
    const one = compile((a: Tensor) => mul(a, 2), { donate: 1 });
    const first = tensor([3]);
    const next = one(first);
    expect(one(next).toArray()).toEqual([12]);
    expect(() => next.dataSync()).toThrow(/was donated to/);
    expect([one(first), one(first)].map((t) => t.toArray())).toEqual([[6], [6]]);
    expect(first.toArray()).toEqual([3]);
  });

  describe('constant arguments', () => {
    let runs = 0;
    /** A copy that counts how often it is made. */
    const Counted: OpDef = {
      name: 'counted',
      infer: (_, x) => [x],
      reference(_, [x], [y]) {
        runs++;
        y.data.set(x.data);
      },
    };
    interface Layer {
      readonly w: Tensor;
      readonly scale: Tensor;
      readonly shift: number;
    }
    const layer = ({ w, scale, shift }: Layer, v: Tensor): Tensor => {
      const [weights] = apply(Counted, {}, [mul(w, add(exp(scale), shift))]);
      return matmul(v, transpose(weights));
    };
    const p: Layer = { w: tensor([1, 2, 3, -4], { shape: [2, 2] }), scale: tensor([0.5, 1]), shift: 1 };
    const [v, u] = [tensor([[1, 2]]), tensor([[3, 5]])];

    test('what depends on them alone is computed once, and again when one is another tensor or number', () => {
      const f = compile(layer, { constant: 1, name: 'layer' });
      const calls: [Layer, Tensor, computed: number][] = [
        [p, v, 1],
        [p, u, 0],
        [{ ...p }, v, 0],
        [{ ...p, w: full([2, 2], 9) }, v, 1],
        [{ ...p, scale: zeros([2]) }, v, 1],
        [{ ...p, shift: NaN }, v, 1],
        [{ ...p, shift: NaN }, u, 0],
        [{ ...p, shift: -0 }, v, 1],
        [{ ...p, shift: 0 }, v, 1],
        [p, v, 1],
      ];
      for (const [given, x, computed] of calls) {
        runs = 0;
        const received = f(given, x).dataSync();
        expect(runs).toBe(computed);
        expect(received).toEqual(layer(given, x).dataSync());
      }
      expect(f.size).toBe(1);
      expect(String(f)).toMatch(
        /^layer, once: 4 lines, .*\n.*cast.*\n.*exp\+add.*\n.*mul.*\n.*counted.* → place .*\n {2}return %\d+\nlayer: 1 line, 1 layout.*\n.*matmul/,
      );
    });

    test('kernels are told which of their inputs stay the same', () => {
      const sequence = vi.spyOn(EAGER_REFERENCE.backend, 'sequence');
      compile(layer, { constant: 1 })(p, v);
      compile((x: Tensor, w: Tensor) => matmul(x, w), { constant: 1 })(v, p.w);
      const products = sequence.mock.calls
        .flat(1)
        .flat()
        .filter(({ op }) => op.name === 'matmul');
      sequence.mockRestore();
      expect(products.map(({ kept }) => kept!.fixed)).toEqual([
        [false, true],
        [true, false],
      ]);
    });

    test('each program has its own, and they stand behind what is donated', () => {
      const f = compile((total: Tensor, q: Layer, x: Tensor) => [add(total, sum(layer(q, x))), layer(q, x)], {
        donate: 1,
        constant: 1,
      });
      let [total, expected] = [tensor(0), 0];
      for (const [q, x] of [
        [p, v],
        [p, full([3, 2], 1)],
        [{ ...p, shift: 2 }, full([3, 2], 1)],
        [p, v],
        [{ ...p, shift: 2 }, v],
      ] as const) {
        let y: Tensor;
        [total, y] = f(total, q, x) as [Tensor, Tensor];
        expect(y.dataSync()).toEqual(layer(q, x).dataSync());
        expected = Math.fround(expected + sum(layer(q, x)).item());
        expect(total.item()).toBe(expected);
      }
      expect(f.size).toBe(2);
    });

    test('a result may be one of them, or depend on nothing else', () => {
      const f = compile((q: Layer, x: Tensor) => [q.w, exp(q.scale), reshape(q.w, [4]), neg(x)], { constant: 2 });
      for (const q of [p, { ...p, w: full([2, 2], 3), scale: zeros([2]) }]) {
        const received = f(q, v).map((t) => t.toArray());
        expect(received).toEqual([q.w, exp(q.scale), reshape(q.w, [4]), neg(v)].map((t) => t.toArray()));
      }
    });

    test('a call that is refused names the line that ran once; a call that failed computes it again', () => {
      const f = compile((q: Layer, x: Tensor) => mul(div(q.w, q.scale), x), { constant: 1, nonFinite: 'refuse' });
      expect(() => f({ ...p, scale: zeros([2]) }, v)).toThrow(
        /div, which reads 0\.w, 0\.scale made Infinity of finite values/,
      );
      expect(f(p, v).dataSync()).toEqual(mul(div(p.w, p.scale), v).dataSync());
      expect(() => f(p, tensor([[Infinity, 1]]))).toThrow(/argument 1 is Infinity at 0 already/);
      const gone = run(() => mul(p.w, 1));
      expect(f({ ...p, w: gone }, v).dataSync()).toEqual(mul(div(gone, p.scale), v).dataSync());
    });

    test('what the option asks for', () => {
      expect(() => compile(layer, { constant: -1 })).toThrow('compile: constant counts arguments, received -1');
    });
  });

  test('one backend for each compiled function', () => {
    const other = new Eager(EAGER_REFERENCE.backend, 1);
    const times = compile((v: Tensor, n: number, b: Tensor) => add(mul(v, n), b), { name: 'times' });
    for (const n of [2, 3]) expect(times(other.lift(tensor([1])), n, tensor([5])).toArray()).toEqual([n + 5]);
    expect(times.size).toBe(1);
    expect(() => times(tensor([1]), 2, tensor([5]))).toThrow(
      /times: compiled for the reference backend, and called with tensors of reference; compile it once for each/,
    );
  });

  test('what was made while it was traced belongs to the trace', () => {
    let leaked: Tensor | undefined;
    compile((v: Tensor) => {
      leaked = mul(v, 2);
      return v;
    })(tensor([1]));
    expect(() => add(leaked!, 1)).toThrow(/add: an input was made while a function was traced.*return it from the/);
    const outer = (w: Tensor): Tensor => compile((_v: Tensor) => w)(tensor([1]));
    expect(() => valueAndGrad(outer)(tensor(1))).toThrow(
      'compile: the function returned a tensor of another scope (gradient tape)',
    );
  });

  test('warns when one function gets very many programs', () => {
    const onWarning = vi.fn();
    const f = compile((v: Tensor) => neg(v), { onWarning });
    for (let n = 1; n <= 20; n++) f(zeros([n]));
    expect(onWarning).toHaveBeenCalledTimes(1);
    expect(onWarning.mock.calls[0][0]).toMatch(/16 programs have been compiled/);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const loud = compile((v: Tensor) => neg(v));
    for (let n = 1; n <= 16; n++) loud(zeros([n]));
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/16 programs have been compiled/)]]);
    warn.mockRestore();
  });
});

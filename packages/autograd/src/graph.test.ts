import {
  add,
  apply,
  div,
  exp,
  mul,
  neg,
  sigmoid,
  square,
  sub,
  sum,
  tensor,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { checkGradient } from './check.js';
import { depth, graph } from './graph.js';

const f64 = (values: any): Tensor => tensor(values, { dtype: 'float64' });

/** σ(wᵀx) as one element. */
const Neuron: OpDef = {
  name: 'neuron',
  infer: (_attrs, w) => [{ shape: [], dtype: w.dtype }],
  define: (_attrs, w, x) => [sigmoid(sum(mul(w, x)))],
};

describe('graph', () => {
  test('the logistic neuron has depth three as product, sum and sigmoid, and one as a neuron', () => {
    const w = f64([0.5, -1]);
    const x = f64([2, 0.25]);
    const fine = graph((v: Tensor, u: Tensor) => sigmoid(sum(mul(v, u))), [w, x]);
    const coarse = graph((v: Tensor, u: Tensor) => apply(Neuron, {}, [v, u])[0]!, [w, x], { whole: [Neuron] });
    expect(depth(fine)).toBe(3);
    expect(depth(coarse)).toBe(1);
    // The same gradients, whatever is taken as an element.
    for (const i of [0, 1]) expect(coarse.nodes[i]!.upstream!.dataSync()).toEqual(fine.nodes[i]!.upstream!.dataSync());
  });

  test('what leads nowhere has no upstream gradient, and a result must depend on the arguments', () => {
    const { nodes } = graph(
      (a: Tensor, _: Tensor) => {
        mul(a, 3);
        return mul(a, 2);
      },
      [f64(1), f64(1)],
    );
    const [used, unused, aside, output] = nodes;
    expect(used!.upstream!.item()).toBe(2);
    expect([unused!.upstream, aside!.upstream, aside!.downstream]).toEqual([null, null, [null]]);
    expect(output!.upstream!.item()).toBe(1);
    expect(() => graph((_: Tensor) => f64(1), [f64(1)])).toThrow('graph: the result does not depend on the arguments');
  });

  test('the univariate logistic least-squares example, every gradient of it', () => {
    const [w, b, x, t] = [0.7, -0.2, 1.5, 1];
    const g = graph(
      (wT: Tensor, bT: Tensor, xT: Tensor) => mul(square(sub(sigmoid(add(mul(wT, xT), bT)), t)), 0.5),
      [f64(w), f64(b), f64(x)],
    );
    const z = w * x + b;
    const y = 1 / (1 + Math.exp(-z));
    const dLdy = y - t;
    const dLdz = dLdy * y * (1 - y);
    const at = (i: number): number => g.nodes[i]!.upstream!.item();
    expect(at(0)).toBeCloseTo(dLdz * x, 15);
    expect(at(1)).toBeCloseTo(dLdz, 15);
    const sigma = g.nodes.find((node) => node.name === 'sigmoid')!;
    expect(sigma.value.item()).toBeCloseTo(y, 15);
    expect(sigma.upstream!.item()).toBeCloseTo(dLdy, 15);
    expect(sigma.local[0]!.item()).toBeCloseTo(y * (1 - y), 15);
    expect(sigma.downstream[0]!.item()).toBeCloseTo(dLdz, 15);
  });

  test('downstream = upstreamᵀ · local at every node, local being the Jacobian where it is not elementwise', () => {
    const g = graph(
      (a: Tensor, b: Tensor) => sum(exp(neg(div(sum(mul(a, b), { axis: 1 }), 3)))),
      [
        f64([
          [1, 2],
          [3, 4],
        ]),
        f64([
          [0.5, 1],
          [1, 0.25],
        ]),
      ],
    );
    for (const node of g.nodes) {
      node.downstream.forEach((down, k) => {
        const local = node.local[k]!.dataSync();
        const up = Array.from(node.upstream!.dataSync());
        const expected =
          node.op!.expr !== undefined
            ? Array.from(up, (u, i) => u * local[i]!)
            : Array.from(down!.dataSync(), (_, i) => up.reduce((s, u, o) => s + u * local[o * down!.size + i]!, 0));
        Array.from(down!.dataSync()).forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 14));
      });
    }
  });
});

describe('checkGradient', () => {
  const wrong: OpDef = {
    name: 'square with a gradient 1% too large',
    infer: (_attrs, x) => [x],
    reference: (_attrs, [x], [out]) => x!.data.forEach((v: number, i: number) => (out!.data[i] = v * v)),
    vjp: (_attrs, [up], [x]) => [mul(up!, mul(x!, 2.02))],
  };

  test('G1: passes what is right, catches a planted 1% error, and says where', () => {
    const x = f64([0.3, -1.2, 2]);
    expect(checkGradient((v: Tensor) => square(v), [x])).toMatchObject({ ok: true, checked: 3 });
    const report = checkGradient((v: Tensor) => apply(wrong, {}, [v])[0]!, [x]);
    expect(report.ok).toBe(false);
    expect(report.message).toMatch(/3 of 3 directional derivatives disagree\n {2}argument 0 at 0: gradient/);
  });

  test('G1: catches a gradient with its mean removed, which an upstream of ones would hide', () => {
    const meanRemoved: OpDef = {
      ...wrong,
      vjp: (_a, [up], [x]) => [mul(sub(up!, div(sum(up!), up!.size)), mul(x!, 2))],
    };
    expect(checkGradient((v: Tensor) => apply(meanRemoved, {}, [v])[0]!, [f64([1, 2, 3])]).ok).toBe(false);
  });

  test('G1: refuses float32 and functions that are not deterministic', () => {
    expect(() => checkGradient((v: Tensor) => v, [tensor([1])])).toThrow(
      /argument 0 is float32; differences need float64/,
    );
    let calls = 0;
    expect(() => checkGradient((v: Tensor) => mul(v, ++calls), [f64([1])])).toThrow(
      /not deterministic: output 0 at 0 was 1, then 2/,
    );
  });

  test('large arguments are sampled, and the rest tried along a random direction', () => {
    const report = checkGradient(
      (v: Tensor) => sum(exp(v)),
      [f64(Array.from({ length: 300 }, (_, i) => Math.sin(i)))],
      { coordinates: 10 },
    );
    expect(report).toMatchObject({ ok: true, checked: 11 });
  });
});

import {
  add,
  apply,
  broadcastTo,
  cast,
  mul,
  reshape,
  split,
  sum,
  tensor,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { depth, graph } from './graph.js';

const f64 = (values: any): Tensor => tensor(values, { dtype: 'float64' });

describe('the nodes of a graph', () => {
  const { nodes, output } = graph(
    (p: { readonly w: Tensor; readonly b: readonly Tensor[] }, x: Tensor) => sum(add(mul(p.w, x), p.b[0]!)),
    [{ w: f64([1, 2]), b: [f64(3)] }, f64([4, 5])],
  );

  test('arguments come first, under their paths, and read nothing', () => {
    expect(nodes.slice(0, 3).map(({ id, name, op, attrs }) => [id, name, op, attrs])).toEqual([
      [0, '0.w', null, undefined],
      [1, '0.b.0', null, undefined],
      [2, '1', null, undefined],
    ]);
    for (const { inputs, local, downstream } of nodes.slice(0, 3))
      expect([inputs, local, downstream]).toEqual([[], [], []]);
    expect(nodes[0]!.value.toArray()).toEqual([1, 2]);
    expect(nodes[0]!.upstream!.toArray()).toEqual([4, 5]);
  });

  test('ops follow in the order of their application, with attributes, inputs and value', () => {
    const ops = nodes.slice(3);
    expect(ops.map(({ id, name, inputs }) => [id, name, inputs])).toEqual([
      [3, 'mul', [0, 2]],
      [4, 'broadcastTo', [1]],
      [5, 'add', [3, 4]],
      [6, 'sum', [5]],
      [7, 'reshape', [6]],
    ]);
    expect(ops[0]!.value.toArray()).toEqual([4, 10]);
    expect(ops[3]!.attrs).toEqual({ axes: [0] });
    expect(output).toBe(7);
  });

  test('what an op sends on is one entry for each input, and no entry for a constant', () => {
    const [times] = nodes.slice(3);
    expect(times!.local.map((t) => t!.toArray())).toEqual([
      [4, 5],
      [1, 2],
    ]);
    const constant = graph((x: Tensor) => mul(f64([7, 8]), x), [f64([1, 2])]).nodes[1]!;
    expect(constant.inputs).toEqual([0]);
    expect(constant.local.map((t) => t!.toArray())).toEqual([[7, 8]]);
    expect(constant.downstream.map((t) => t!.toArray())).toEqual([[7, 8]]);
  });

  test('the upstream of the result is given, or ones', () => {
    const twice = (x: Tensor): Tensor => mul(x, 2);
    expect(graph(twice, [f64([1, 2])]).nodes[0]!.upstream!.toArray()).toEqual([2, 2]);
    expect(graph(twice, [f64([1, 2])], { upstream: f64([10, 100]) }).nodes[0]!.upstream!.toArray()).toEqual([20, 200]);
  });

  test('a result that has no gradient is no graph', () => {
    expect(() => graph((x: Tensor) => cast(x, 'int32'), [f64(1)])).toThrow(
      'graph: the result does not depend on the arguments',
    );
  });
});

describe('local gradients', () => {
  test('of an op that is not elementwise are a Jacobian, up to 4,096 entries', () => {
    const copies = (n: number): Tensor | null =>
      graph((x: Tensor) => broadcastTo(x, [n, 4]), [f64([1, 2, 3, 4])]).nodes[1]!.local[0]!;
    const rows = copies(2)!;
    expect(rows.shape).toEqual([2, 4, 4]);
    expect(rows.toArray()).toEqual(
      [0, 1].map(() => [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((k) => (i === k ? 1 : 0)))),
    );
    expect(copies(256)!.shape).toEqual([256, 4, 4]);
    expect(copies(257)).toBeNull();
  });

  test('of an op with several results are those of the first', () => {
    const parts = graph((x: Tensor) => split(x, 2)[0]!, [f64([1, 2, 3, 4])]).nodes;
    const [, op] = parts;
    expect(op!.local[0]!.toArray()).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
  });

  test('of an input that gets no gradient are zeros', () => {
    const silent: OpDef = {
      name: 'silent',
      infer: (_attrs, x) => [x],
      reference: (_attrs, [x], [y]) => y!.data.set(x!.data),
      vjp: () => [null],
    };
    const { nodes } = graph((x: Tensor) => add(apply(silent, {}, [x])[0]!, x), [f64([1, 2])]);
    expect(nodes[1]!.local[0]!.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(nodes[1]!.downstream).toEqual([null]);
  });
});

test('the depth counts the ops of the longest path, but for those that move elements, or as one says', () => {
  const g = graph((x: Tensor) => add(reshape(mul(mul(x, x), x), [2]), reshape(x, [2])), [f64([[1, 2]])]);
  expect(depth(g)).toBe(3);
  expect(depth(g, { counts: ({ name }) => name === 'mul' })).toBe(2);
  expect(depth(g, { counts: () => true })).toBe(5);
  expect(depth(graph((x: Tensor) => x, [f64(1)]))).toBe(0);
});

import { ShapeError } from '@lemmata/shape';
import { apply, indexSelect, key, matmul, type OpDef, reshape, tensor, zeros as zerosTensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  compose,
  countParameters,
  formatSummary,
  functionLayer,
  type Layer,
  normal,
  parallel,
  residual,
  sequential,
  summary,
  zeros,
} from './index.js';

/** A convolution as far as a summary sees it. */
function conv(channels: number, kernel: number, stride = 1, padding = 0): Layer {
  const size = (n: number): number => Math.floor((n + 2 * padding - kernel) / stride) + 1;
  return {
    kind: 'conv',
    init: (key, [c = 0, ...spatial]) => ({
      params: { weight: normal()(key, [channels, c, ...spatial.map(() => kernel)]), bias: zeros(key, [channels]) },
      state: {},
      outputShape: [channels, ...spatial.map(size)],
    }),
    apply: (_params, state, x) => [x, state],
    window: ([, ...spatial]) => spatial.map(() => ({ kernel, stride, padding })),
  };
}
const flatten = functionLayer(
  'flatten',
  (x) => x,
  (shape) => [shape.reduce((a, b) => a * b, 1)],
);
const relu = functionLayer('relu', (x) => x);
const counted: Layer = {
  kind: 'norm',
  init: (key, shape) => ({ params: {}, state: { mean: zeros(key, [shape[0]!]) }, outputShape: shape }),
  apply: (_p, s, x) => [x, s],
};
const fields = (layer: Layer, shape: readonly number[]) =>
  summary(layer, shape).rows.map(({ name, field }) => [name, field && field.map(({ size, jump }) => [size, jump])]);

describe('summary', () => {
  const net = sequential({
    conv1: conv(6, 5, 1, 2),
    norm: counted,
    relu,
    pool: conv(6, 2, 2),
    conv2: conv(16, 5),
    flatten,
    end: relu,
  });

  test('shapes, parameters and state', () => {
    const { rows, inputShape, outputShape, parameters, stateSize } = summary(net, [1, 28, 28]);
    expect(
      rows.map(({ name, kind, inputShape, outputShape, parameters }) => [
        name,
        kind,
        inputShape,
        outputShape,
        parameters,
      ]),
    ).toEqual([
      ['conv1', 'conv', [1, 28, 28], [6, 28, 28], 156],
      ['norm', 'norm', [6, 28, 28], [6, 28, 28], 0],
      ['relu', 'relu', [6, 28, 28], [6, 28, 28], 0],
      ['pool', 'conv', [6, 28, 28], [6, 14, 14], 150],
      ['conv2', 'conv', [6, 14, 14], [16, 10, 10], 2416],
      ['flatten', 'flatten', [16, 10, 10], [1600], 0],
      ['end', 'relu', [1600], [1600], 0],
    ]);
    expect([inputShape, outputShape, parameters, stateSize]).toEqual([[1, 28, 28], [1600], 156 + 150 + 2416, 6]);
  });

  test('receptive fields grow by (K − 1) times the strides before, and end with the spatial axes', () => {
    expect(fields(net, [1, 28, 28])).toEqual([
      [
        'conv1',
        [
          [5, 1],
          [5, 1],
        ],
      ],
      [
        'norm',
        [
          [5, 1],
          [5, 1],
        ],
      ],
      [
        'relu',
        [
          [5, 1],
          [5, 1],
        ],
      ],
      [
        'pool',
        [
          [6, 2],
          [6, 2],
        ],
      ],
      [
        'conv2',
        [
          [14, 2],
          [14, 2],
        ],
      ],
      ['flatten', null],
      ['end', null],
    ]);
  });

  test('1 + L(K − 1) for L stacked layers', () => {
    for (const [L, K] of [
      [2, 3],
      [3, 5],
      [4, 7],
    ] as const) {
      const rows = summary(sequential(Array.from({ length: L }, () => conv(1, K))), [1, 40]).rows;
      expect(rows.at(-1)!.field![0]!.size).toBe(1 + L * (K - 1));
    }
  });

  test('nested layers are named by their paths and counted in the layer around them', () => {
    const block = residual(sequential({ a: conv(4, 3, 1, 1), b: conv(4, 3, 1, 1) }), { shortcut: conv(4, 1) });
    const { rows, parameters } = summary(sequential({ stem: conv(2, 3), block, last: conv(1, 3) }), [1, 16]);
    expect(rows.map(({ name, depth, parameters }) => [name, depth, parameters])).toEqual([
      ['stem', 0, 8],
      ['block', 0, 28 + 52 + 12],
      ['block.body', 1, 80],
      ['block.body.a', 2, 28],
      ['block.body.b', 2, 52],
      ['block.shortcut', 1, 12],
      ['last', 0, 13],
    ]);
    expect(parameters).toBe(8 + 92 + 13);
  });

  test('a branch sees what stands before it; where branches join, the widest field counts', () => {
    const block = parallel({ near: conv(1, 1), far: sequential([conv(1, 5, 1, 2)]), none: relu });
    expect(fields(sequential({ stem: conv(1, 3, 2, 1), block, last: conv(1, 3) }), [1, 32])).toEqual([
      ['stem', [[3, 2]]],
      ['block', [[11, 2]]],
      ['block.near', [[3, 2]]],
      ['block.far', [[11, 2]]],
      ['block.far.0', [[11, 2]]],
      ['block.none', [[3, 2]]],
      ['last', [[15, 2]]],
    ]);
  });

  test('in a graph, fields are told along its path', () => {
    const layers = { a: conv(1, 3), c: conv(1, 3), b: conv(1, 5) };
    const graph = (path?: ('a' | 'b' | 'c')[]): Layer =>
      compose('graph', layers, (call, x) => call('c', call('b', call('a', x))), path && { path });
    const last = conv(1, 3);
    expect(fields(sequential({ first: conv(1, 2), graph: graph(['a', 'c']), last }), [1, 20])).toEqual([
      ['first', [[2, 1]]],
      ['graph', [[6, 1]]],
      ['graph.a', [[4, 1]]],
      ['graph.c', [[6, 1]]],
      ['graph.b', null],
      ['last', [[8, 1]]],
    ]);
    expect(fields(sequential({ graph: graph(), last }), [1, 20]).map(([, field]) => field)).toEqual(
      new Array(5).fill(null),
    );
  });

  test('branches of different strides have no field in common', () => {
    const uneven = parallel({ a: conv(1, 2, 2), b: { ...conv(1, 1), init: conv(1, 2, 2).init } });
    expect(fields(uneven, [1, 8])).toEqual([
      ['a', [[2, 2]]],
      ['b', [[1, 1]]],
    ]);
    expect(fields(sequential({ uneven, after: conv(1, 1) }), [1, 8]).at(-1)).toEqual(['after', null]);
    const along = (first: number): Layer => ({ ...relu, window: () => [{ kernel: 2, stride: first }, { kernel: 1 }] });
    expect(fields(sequential({ both: parallel({ a: along(1), b: along(2) }) }), [1, 8, 8])[0]).toEqual(['both', null]);
  });

  test('a layer that mixes all places, and an input without any, have no field', () => {
    const mixing: Layer = { ...relu, window: () => null };
    expect(fields(sequential({ a: conv(1, 3), mixing, b: conv(1, 3) }), [1, 8])).toEqual([
      ['a', [[3, 1]]],
      ['mixing', null],
      ['b', null],
    ]);
    expect(fields(sequential({ relu }), [8])).toEqual([['relu', null]]);
    expect(fields(sequential({ both: parallel({ mixing, relu }) }), [1, 8])[0]).toEqual(['both', null]);
    const shaped = (shape: readonly number[]): Layer =>
      functionLayer(
        'shaped',
        (x) => x,
        () => shape,
      );
    expect(fields(sequential({ channels: shaped([3, 8]), shorter: shaped([3, 4]) }), [1, 8])).toEqual([
      ['channels', [[1, 1]]],
      ['shorter', null],
    ]);
  });

  test('a network that is one layer has one row', () => {
    expect(summary(conv(2, 3), [1, 8]).rows.map(({ name, parameters }) => [name, parameters])).toEqual([['', 8]]);
  });

  test('no parameter is made, however many there are', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(summary(sequential({ a: conv(1 << 20, 3), b: conv(1 << 20, 3) }), [1 << 20, 8, 8]).parameters).toBe(
      2 * (9 * 2 ** 40 + 2 ** 20),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  test('an error names the layer', () => {
    const picky: Layer = {
      ...relu,
      init: (k, shape) => (shape.length === 1 ? relu.init(k, shape) : zerosTensor([-1] as any)) as never,
    };
    expect(() => summary(sequential({ body: sequential({ picky }) }), [1, 4])).toThrow(/^body > picky > zeros: /);
  });
});

test('parameters that stand in two places count once, and what is no tensor not at all', () => {
  const shared = tensor([1, 2, 3]);
  expect(countParameters({ a: shared, b: { c: shared, d: tensor([[1, 2]]) }, e: [], f: 7 })).toBe(5);
  expect(countParameters({})).toBe(0);
  const { params } = conv(2, 3).init(key(0), [1, 4, 4]);
  expect(countParameters(params)).toBe(20);
});

describe('work and memory', () => {
  const dense = (outputs: number): Layer => ({
    kind: 'dense',
    init: (key, shape) => ({
      params: { weight: normal()(key, [shape.at(-1)!, outputs]) },
      state: {},
      outputShape: [...shape.slice(0, -1), outputs],
    }),
    apply: ({ weight }, state, x) => [matmul(x, weight), state],
  });

  test('multiply-adds are those of the products; memory is parameters, state and what is given', () => {
    const net = sequential({ a: dense(5), relu, b: sequential([dense(2), counted]) });
    const { rows, flops, memory } = summary(net, [7, 3]);
    expect(rows.map(({ name, innermost, flops, memory }) => [name, innermost, flops, memory / 4])).toEqual([
      ['a', true, 7 * 3 * 5, 15 + 35],
      ['relu', true, 0, 35],
      ['b', false, 7 * 5 * 2, 10 + 14 + 7 + 14],
      ['b.0', true, 7 * 5 * 2, 10 + 14],
      ['b.1', true, 0, 7 + 14],
    ]);
    expect([flops, memory / 4]).toEqual([7 * 25, 50 + 35 + 45]);
  });

  test('a composite works as much as what defines it', () => {
    const Twice: OpDef = {
      name: 'twice',
      infer: (_, x) => [x],
      define: (_, x) => [matmul(matmul(x, x), x)],
    };
    const layer = functionLayer('twice', (x) => apply(Twice, {}, [x])[0]!);
    expect(summary(layer, [4, 4]).flops).toBe(2 * 4 ** 3);
  });

  test('a layer that needs statistics of its batch is followed with two inputs; counts are those of one', () => {
    const ofBatch: Layer = {
      ...relu,
      apply(_p, s, x) {
        if (x.shape[0]! < 2) throw new ShapeError('ofBatch', [{ rule: 'more than one value', received: x.shape[0] }]);
        return [x, s];
      },
    };
    const net = sequential({ first: dense(5), ofBatch, last: dense(2) });
    const { flops, rows } = summary(net, [3]);
    expect([flops, ...rows.map((row) => row.flops)]).toEqual([25, 15, 0, 10]);
  });

  test('what a layer throws that is no ShapeError is not taken for a small batch', () => {
    const seen: number[] = [];
    const broken: Layer = {
      ...relu,
      apply(_p, _s, x) {
        seen.push(x.shape[0]!);
        throw new Error('broken');
      },
    };
    expect(() => summary(broken, [3])).toThrow('broken');
    expect(seen).toEqual([1]);
  });

  test('a tensor that stands in two places counts in the first', () => {
    const inner = { first: dense(3), second: dense(3) };
    const tied: Layer = {
      ...sequential(inner),
      init(key, shape) {
        const { params } = inner.first.init(key, shape);
        return { params: { first: params, second: params }, state: { first: {}, second: {} }, outputShape: [3] };
      },
    };
    const { rows, parameters, memory, flops } = summary(sequential({ tied, last: dense(1) }), [3]);
    expect(rows.map(({ name, parameters, flops }) => [name, parameters, flops])).toEqual([
      ['tied', 9, 18],
      ['tied.first', 9, 9],
      ['tied.second', 0, 9],
      ['last', 3, 3],
    ]);
    expect([parameters, flops, memory / 4]).toEqual([12, 21, 12 + 3 + 3 + 1]);
  });

  test('a network that looks up is given integers', () => {
    const lookUp: Layer = {
      kind: 'lookUp',
      inputDtype: 'int32',
      init: (key, shape) => ({ params: { table: normal()(key, [9, 4]) }, state: {}, outputShape: [...shape, 4] }),
      apply({ table }, state, x) {
        if (x.dtype !== 'int32') throw new Error(`received ${x.dtype}`);
        return [reshape(indexSelect(table, 0, reshape(x, [x.size])), [...x.shape, 4]), state];
      },
    };
    expect(summary(sequential({ body: sequential({ lookUp }), out: dense(2) }), [6]).flops).toBe(6 * 4 * 2);
  });

  test('a layer is followed in inference, and given floats unless it says otherwise', () => {
    const seen: unknown[] = [];
    const asked: Layer = { ...relu, apply: (_p, s, x, { train }) => [(seen.push(train, x.dtype), x), s] };
    summary(asked, [3]);
    expect(seen.slice(0, 2)).toEqual([false, 'float32']);
  });

  test('a layer that reads elements says so', () => {
    const reading = functionLayer('reading', (x) => (x.dataSync(), x));
    expect(() => summary(sequential({ reading }), [3])).toThrow(/no elements/);
  });
});

test('the table', () => {
  const block = sequential({ a: conv(10, 3, 1, 1), norm: counted });
  expect(formatSummary(summary(sequential({ stem: conv(100, 3, 2), block, flatten }), [3, 9, 11]))).toBe(`\
layer    kind        output   parameters  multiply-adds   memory  field  step
─────────────────────────────────────────────────────────────────────────────
input                3×9×11
stem     conv        100×4×5       2,800              0  19.2 kB      3     2
block    sequential  10×4×5        9,010              0  37.7 kB      7     2
  a      conv        10×4×5        9,010              0  36.8 kB      7     2
  norm   norm        10×4×5            0              0    840 B      7     2
flatten  flatten     200               0              0    800 B    all
─────────────────────────────────────────────────────────────────────────────
11,810 parameters, 10 numbers of state, 0 multiply-adds, 57.7 kB, output 200`);
});

test('sizes of any kind', () => {
  const lastLine = (inputShape: readonly number[], layer: Layer = relu): string =>
    formatSummary(summary(layer, inputShape)).split('\n').at(-1)!;
  expect([0, 249, 250, 250e3, 250e6, 250e9].map((n) => lastLine([n]).split(', ')[2])).toEqual([
    '0 B',
    '996 B',
    '1.0 kB',
    '1.0 MB',
    '1.0 GB',
    '1.0 TB',
  ]);
  const total = functionLayer(
    'total',
    (x) => x,
    () => [],
  );
  expect(lastLine([2], total)).toBe('0 parameters, 0 multiply-adds, 4 B, output scalar');
  expect(lastLine([1, 2000, 2000], conv(1000, 1000))).toMatch(/^1,000,001,000 parameters/);
  const uneven: Layer = { ...conv(1, 3), window: () => [{ kernel: 3 }, { kernel: 3, stride: 2 }] };
  expect(formatSummary(summary(sequential({ uneven, last: conv(1, 2) }), [1, 9, 9])).split('\n')[4]).toMatch(
    /  4×5   1×2$/,
  );
});

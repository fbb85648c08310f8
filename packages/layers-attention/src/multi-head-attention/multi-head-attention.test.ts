import { infer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { eye, key, ones, reshape, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import {
  initMultiHeadAttention,
  multiHeadAttention,
  multiHeadAttentionLayer,
  type MultiHeadAttentionParams,
  multiHeadAttentionWithWeights,
} from './index.js';

/** Projections that change nothing. */
const identity = (E: number): MultiHeadAttentionParams => ({
  in_proj_weight: reshape(tensor([eye(E), eye(E), eye(E)].flatMap((t) => [...t.dataSync()])), [3 * E, E]),
  out_proj: { weight: eye(E) },
});
const x: Tensor = tensor([
  [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [0, 1, 0, 1],
  ],
]);

test("names and shapes are PyTorch's", () => {
  const shapes = (params: object): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, 'shape' in value ? value.shape : shapes(value)]),
    );
  expect(shapes(initMultiHeadAttention(key(1), { embedDim: 4 }))).toEqual({
    in_proj_weight: [12, 4],
    in_proj_bias: [12],
    out_proj: { weight: [4, 4], bias: [4] },
  });
  expect(
    shapes(initMultiHeadAttention(key(1), { embedDim: 4, kdim: 3, vdim: 5, bias: false, addBiasKv: true })),
  ).toEqual({
    q_proj_weight: [4, 4],
    k_proj_weight: [4, 3],
    v_proj_weight: [4, 5],
    bias_k: [1, 1, 4],
    bias_v: [1, 1, 4],
    out_proj: { weight: [4, 4] },
  });
});

test('the weights are drawn within ± √(6 / (E + 3E)) and fill that range; biases are 0', () => {
  const { in_proj_weight, in_proj_bias, out_proj } = initMultiHeadAttention(key(2), { embedDim: 32 });
  const largest = (t: Tensor): number => Math.max(...t.dataSync().map(Math.abs));
  const bound = Math.sqrt(6 / (4 * 32));
  expect(largest(in_proj_weight!)).toBeLessThanOrEqual(Math.fround(bound));
  expect(largest(in_proj_weight!)).toBeGreaterThan(0.98 * bound);
  expect(largest(out_proj.weight)).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(32)));
  expect(largest(out_proj.weight)).toBeGreaterThan(0.95 / Math.sqrt(32));
  expect([largest(in_proj_bias!), largest(out_proj.bias!)]).toEqual([0, 0]);
});

test('A3: splitting into heads and joining them is the identity', () => {
  // Each position sees only itself, so that its value comes back.
  for (const numHeads of [1, 2, 4]) {
    const mask = tensor([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    expect(multiHeadAttention(x, x, x, identity(4), { numHeads, mask }).toArray()).toEqual(x.toArray());
  }
});

test('A2: true in mask attends, true in keyPaddingMask does not', () => {
  const only = (options: object): unknown =>
    multiHeadAttentionWithWeights(x, x, x, identity(4), { numHeads: 2, ...options }).weights.toArray();
  const first = [
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ];
  expect(
    only({
      mask: tensor([
        [true, false, false],
        [true, false, false],
        [true, false, false],
      ]),
    }),
  ).toEqual([first]);
  expect(only({ keyPaddingMask: tensor([[false, true, true]]) })).toEqual([first]);
  const both = only({ causal: true, keyPaddingMask: tensor([[true, false, true]]) });
  expect(both).toEqual([
    [
      [0, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
    ],
  ]);
});

test('masks for each head, and those that broadcast', () => {
  const weights = (mask: Tensor): unknown =>
    multiHeadAttentionWithWeights(x, x, x, identity(4), { numHeads: 2, mask, averageWeights: false }).weights.toArray();
  const first = [true, false, false];
  const second = [false, true, false];
  const perHead = tensor([
    [first, first, first],
    [second, second, second],
  ]);
  const expected = [
    [
      [
        [1, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
      ],
      [
        [0, 1, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
    ],
  ];
  expect(weights(perHead)).toEqual(expected);
  expect(weights(tensor([[[[true, false, false]], [[false, true, false]]]]))).toEqual(expected);
});

test('the gradient of attention stays in the layer, and only training drops', () => {
  const layer = multiHeadAttentionLayer({ numHeads: 2, dropout: 0.5 });
  const { params, state, outputShape } = layer.init(key(1), [3, 4]);
  expect([state, outputShape, layer.window!([3, 4])]).toEqual([{}, [3, 4], null]);
  const plain = multiHeadAttention(x, x, x, params, { numHeads: 2 }).toArray();
  expect(infer(layer, params, state, x).toArray()).toEqual(plain);
  expect(layer.apply(params, state, x, { train: true, key: key(5) })[0].toArray()).not.toEqual(plain);
  expect(() => layer.apply(params, state, x, { train: true })).toThrow('multiHeadAttention: dropout needs a key');
});

test('extra keys stand behind those of the input', () => {
  const params = { ...identity(4), bias_k: ones([1, 1, 4]), bias_v: zeros([1, 1, 4]) };
  const { weights } = multiHeadAttentionWithWeights(x, x, x, params, {
    numHeads: 1,
    addZeroAttn: true,
    keyPaddingMask: tensor([[true, true, true]]),
  });
  expect(weights.shape).toEqual([1, 3, 5]);
  // The learnt key scores the sum of the query's features, here 2 · ½ in the last row, and the zero key 0.
  const last = (weights.toArray() as number[][][])[0][2];
  expect(last.slice(0, 3)).toEqual([0, 0, 0]);
  expect(last[3]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
  expect(last[4]).toBeCloseTo(1 / (1 + Math.E), 6);
});

test('refusals', () => {
  const params = identity(4);
  const call = (options: object) => () => multiHeadAttention(x, x, x, params, { numHeads: 2, ...options });
  expect(call({ numHeads: 3 })).toThrow(
    'multiHeadAttention: numHeads must be a positive integer that divides the 4 features, received 3',
  );
  expect(call({ attnMask: null })).toThrow("unknown option 'attnMask'");
  expect(call({ averageWeights: false })).toThrow("unknown option 'averageWeights'");
  expect(call({ mask: ones([3, 3, 3], 'bool') })).toThrow('mask must be [L, S], [N · heads, L, S], or broadcast');
  expect(call({ mask: ones([3, 3], 'float64') })).toThrow('mask must be bool (true: attend) or float32');
  expect(call({ keyPaddingMask: zeros([1, 2], 'bool') })).toThrow('keyPaddingMask must be [N, S]');
  expect(() => multiHeadAttention(x, ones([1, 3, 2]), x, params, { numHeads: 2 })).toThrow(
    'key must have as many features as query where in_proj_weight projects all three (received 2, expected 4). Give kdim and vdim to initMultiHeadAttention.',
  );
  expect(() => multiHeadAttention(x, x, x, { out_proj: params.out_proj }, { numHeads: 2 })).toThrow(
    'q_proj_weight is missing from the parameters (expected [4, 4]).',
  );
  expect(() => multiHeadAttention(x, ones([2, 3, 4]), ones([2, 2, 4]), params, { numHeads: 2 })).toThrow(
    /must have one batch[\s\S]*as long as key/,
  );
  expect(() => multiHeadAttention(x, ones([3, 4]), x, params, { numHeads: 2 })).toThrow('or all [length, features]');
  expect(() => initMultiHeadAttention(key(1), { embedDim: 0, kdim: 1.5 })).toThrow(
    'initMultiHeadAttention: 3 problems\n  1. embedDim must be a positive integer, received 0',
  );
  expect(() => multiHeadAttentionLayer({ numHeads: 0 })).toThrow(OptionError);
  expect(() => multiHeadAttentionLayer({ numHeads: 2, dropout: -1 })).toThrow(
    'dropout must be from 0 to 1, received -1',
  );
  expect(() => multiHeadAttentionLayer({ numHeads: 2, bias: 1 as never })).toThrow('bias must be true or false');
  expect(() => multiHeadAttentionLayer({ heads: 2 } as never)).toThrow("unknown option 'heads'");
});

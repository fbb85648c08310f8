import { expect, test } from 'vitest';
import { only, pullBack } from '../../test/gradient.js';
import { integer, randomFrom, valuesOf, viewWith } from '../../test/values.js';
import { tensor } from '../create.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import {
  BroadcastTo,
  CumSum,
  Diagonal,
  DiagonalEmbed,
  Embed,
  Gather,
  IndexAdd,
  IndexSelect,
  LinearRecurrence,
  Matmul,
  Permute,
  Reshape,
  ScatterAdd,
  Slice,
  Sum,
  Triangle,
} from './index.js';

const random = randomFrom(17);
// Positive, so that no inner product vanishes by chance.
const positive = (shape: readonly number[]): Tensor => viewWith(shape, () => integer(random, 1, 5), random);
const view = (...shape: number[]): Tensor => positive(shape);
const indices = (...values: number[]): Tensor => tensor(Int32Array.from(values));
const grid = tensor(
  [
    [0, 2, 0],
    [1, 1, 1],
  ],
  { dtype: 'int32' },
);

const linear: readonly [OpDef, unknown, readonly Tensor[]][] = [
  [Sum, { axes: [0, 2] }, [view(2, 3, 4)]],
  [CumSum, { axis: 1, reverse: false }, [view(2, 4)]],
  [CumSum, { axis: 0, reverse: true }, [view(3, 2)]],
  [LinearRecurrence, { axis: 1, reverse: false }, [view(2, 4), view(2, 4)]],
  [LinearRecurrence, { axis: 0, reverse: true }, [view(3, 2), view(3, 2)]],
  [Permute, { axes: [2, 0, 1] }, [view(2, 3, 4)]],
  [Reshape, { shape: [4, 3, 2] }, [view(2, 3, 4)]],
  [BroadcastTo, { shape: [2, 3, 4] }, [view(3, 1)]],
  [Slice, { starts: [1, 3], steps: [1, -2], sizes: [2, 2] }, [view(3, 4)]],
  [Embed, { shape: [3, 5], starts: [1, 4], steps: [1, -2] }, [view(2, 3)]],
  [Diagonal, { offset: -1, axes: [2, 0] }, [view(3, 2, 4)]],
  [DiagonalEmbed, { offset: 1, axes: [0, 2], shape: [3, 2, 3] }, [view(2, 2)]],
  [Triangle, { part: 'lower', diagonal: 1 }, [view(2, 3, 4)]],
  [Triangle, { part: 'upper', diagonal: -1 }, [view(4, 3)]],
  [Gather, { axis: 1 }, [view(2, 3), grid]],
  [ScatterAdd, { axis: 1, shape: [2, 4] }, [view(2, 3), grid]],
  [IndexSelect, { axis: 1 }, [view(2, 3, 2), indices(2, 0, 2, 2)]],
  [IndexAdd, { axis: 0, size: 3 }, [view(4, 2), indices(2, 0, 2, 2)]],
  [Matmul, {}, [view(2, 3, 4), view(2, 4, 5)]],
];

const inner = (a: Tensor, b: Tensor): number => valuesOf(a).reduce((sum, x, i) => sum + x * valuesOf(b)[i], 0);

test.each(linear.map(([op, attrs, inputs]) => [op.name, op, attrs, inputs] as const))(
  '⟨%s(x), y⟩ = ⟨x, its vjp(y)⟩ exactly',
  (_, op, attrs, inputs) => {
    const f = only(op, attrs);
    const y = f(...inputs);
    const upstream = positive(y.shape);
    const gradients = pullBack(f, inputs, upstream);
    for (const i of op.linearIn!) {
      // What is linear in one input alone vanishes where that input is 0.
      const without = f(...inputs.map((x, k) => (k === i ? tensor(new Float64Array(x.size), { shape: x.shape }) : x)));
      const expected = inner(y, upstream) - inner(without, upstream);
      expect(inner(inputs[i], gradients[i])).toBe(expected);
      expect(inner(without, without)).toBe(0);
      expect(expected).toBeGreaterThan(0);
    }
  },
);

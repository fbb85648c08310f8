import { expect, test } from 'vitest';
import {
  BroadcastTo,
  Concat,
  DiagonalEmbed,
  ExtendAdjoint,
  FoldIn,
  IndexAdd,
  LinearRecurrence,
  Matmul,
  type OpDef,
  Pad,
  Permute,
  Reshape,
  type Spec,
  SplitKey,
  Triangle,
} from '../index.js';

const f = (...shape: number[]): Spec => ({ shape, dtype: 'float64' });
const i = (...shape: number[]): Spec => ({ shape, dtype: 'int32' });
const b = (...shape: number[]): Spec => ({ shape, dtype: 'bool' });

const permuted = (axes: string): string =>
  `permute: every one of the 2 axes must be named once (received [${axes}]).\n  shapes: x [2, 3]`;
const padded = (width: number): string =>
  `pad: widths are non-negative integers (received ${width}). The function pad takes elements away for negative ones.\n  shapes: x [3]`;
const recurrence = { axis: 0, reverse: false };

/** What the shapes of an op's inputs and its attributes must not be, and what is said then. */
const refused: readonly [op: OpDef<any>, attrs: object, inputs: readonly Spec[], text: string][] = [
  [Reshape, { shape: [7] }, [f(2, 3)], 'reshape: [7] has 7 elements (expected 6).\n  shapes: x [2, 3]'],
  [
    Reshape,
    { shape: [0.5] },
    [f(2, 3)],
    'reshape: sizes of [0.5] must be non-negative integers (axis 0, received 0.5).',
  ],
  [
    BroadcastTo,
    { shape: [1] },
    [f(2, 3)],
    'broadcastTo: the input must broadcast to the shape asked for. Together they broadcast to [2, 3].\n  shapes: x [2, 3], shape [1]',
  ],
  [Permute, { axes: [0, 0] }, [f(2, 3)], permuted('0, 0')],
  [Permute, { axes: [0] }, [f(2, 3)], permuted('0')],
  [Permute, { axes: [0, 2] }, [f(2, 3)], permuted('0, 2')],
  [Permute, { axes: [-1, 0] }, [f(2, 3)], permuted('-1, 0')],
  [Pad, { before: [-1], after: [0], value: 0 }, [f(3)], padded(-1)],
  [Pad, { before: [0], after: [0.5], value: 0 }, [f(3)], padded(0.5)],
  [
    Concat,
    { axis: 0 },
    [f(2, 3), f(2, 2)],
    'concat: input 1 differs from input 0 along another axis than the one joined (axis 0, received [2, 2], expected [2, 3]).\n  shapes: input 0 [2, 3], input 1 [2, 2]',
  ],
  [
    Concat,
    { axis: 0 },
    [f(2, 3), f(3)],
    'concat: input 1 differs from input 0 along another axis than the one joined (axis 0, received [3], expected [2, 3]).\n  shapes: input 0 [2, 3], input 1 [3]',
  ],
  [
    Concat,
    { axis: 0 },
    [f(2), f(2, 3)],
    'concat: input 1 differs from input 0 along another axis than the one joined (axis 0, received [2, 3], expected [2]).\n  shapes: input 0 [2], input 1 [2, 3]',
  ],
  [
    Concat,
    { axis: 0 },
    [f(2, 3), i(1, 3)],
    'concat: input 1 is int32, but input 0 is float64. Cast them to one dtype.\n  shapes: input 0 [2, 3], input 1 [1, 3]',
  ],
  [
    DiagonalEmbed,
    { offset: 0, axes: [0, 1], shape: [3, 3] },
    [f(2)],
    'diagonalEmbed: the input must have the shape of the diagonal (received [2], expected [3]).\n  shapes: shape [3, 3]',
  ],
  [
    ExtendAdjoint,
    { border: 'reflect', before: [1], after: [1], shape: [3] },
    [f(4)],
    'extendAdjoint: y must have the shape of the extended x (received [4], expected [5]).\n  shapes: x [3], y [4]',
  ],
  [
    ExtendAdjoint,
    { border: 'reflect', before: [3], after: [0], shape: [3] },
    [f(6)],
    "extendAdjoint: reflect padding must be below the 3 elements that it mirrors (axis 0, received [3, 0]). Use less padding, or 'replicate'.\n  shapes: x [3]",
  ],
  [
    Triangle,
    { part: 'lower', diagonal: 0 },
    [f(3)],
    'triangle: a triangle is part of a matrix: the input must have at least 2 axes.\n  shapes: x [3]',
  ],
  [
    Matmul,
    {},
    [f(2, 3), f(2, 3)],
    'matmul: the last axis of a has 3 elements, but the axis of b that it is multiplied along has 2. Use [..., M, K] · [..., K, N]; transpose(b) if b is [..., N, K].\n  shapes: a [2, 3], b [2, 3]',
  ],
  [
    Matmul,
    {},
    [f(3), f(3, 2)],
    'matmul: the op multiplies matrices: both inputs have at least 2 axes.\n  shapes: a [3], b [3, 2]',
  ],
  [
    Matmul,
    {},
    [f(3, 3), f(3)],
    'matmul: the op multiplies matrices: both inputs have at least 2 axes.\n  shapes: a [3, 3], b [3]',
  ],
  [
    Matmul,
    {},
    [f(3, 2, 2), f(2, 2, 2)],
    'matmul: the axes before the matrices are equal. Broadcast them first.\n  shapes: a [3, 2, 2], b [2, 2, 2]',
  ],
  [
    Matmul,
    {},
    [f(2, 2), i(2, 2)],
    "matmul: the inputs have one dtype, a number's; received float64 and int32; cast them",
  ],
  [Matmul, {}, [b(2, 2), b(2, 2)], "matmul: the inputs have one dtype, a number's; received bool and bool; cast them"],
  [
    IndexAdd,
    { axis: 0, size: 3 },
    [f(3), i(2)],
    'indexAdd: from the axis on, the source has the axes of the indices (axis 0).\n  shapes: source [3], indices [2]',
  ],
  [
    LinearRecurrence,
    recurrence,
    [f(2), f(3)],
    'linearRecurrence: both inputs have one shape and dtype.\n  shapes: a [2], b [3]',
  ],
  [
    LinearRecurrence,
    recurrence,
    [f(2), i(2)],
    'linearRecurrence: both inputs have one shape and dtype.\n  shapes: a [2], b [2]',
  ],
  [FoldIn, {}, [i(2), i(2)], "foldIn: what is folded in is a number or a tensor int32[] (received 'int32[2]')."],
  [FoldIn, {}, [i(2), f()], "foldIn: what is folded in is a number or a tensor int32[] (received 'float64[]')."],
  [
    FoldIn,
    {},
    [i(3), i()],
    "foldIn: a key is a tensor int32[2] (received 'int32[3]'). Make one with key(seed), splitKey or foldIn.",
  ],
  [
    SplitKey,
    { count: 2 },
    [i(3)],
    "splitKey: a key is a tensor int32[2] (received 'int32[3]'). Make one with key(seed), splitKey or foldIn.",
  ],
];

test.each(refused.map(([op, ...rest]) => [op.name, op, ...rest] as const))(
  '%s: refusal %#',
  (_name, op, attrs, inputs, text) => {
    let message = 'nothing';
    try {
      op.infer(attrs, ...inputs);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toBe(text);
  },
);

import { filled, type KernelSample } from '@lemmata/backend-wasm/planted.laws';
import { apply, type OpDef, type Tensor } from '@lemmata/tensor';
import { AveragePool, AveragePoolGradient } from '../average-pool/op.js';
import { MaxPool, type MaxPoolAttrs, Pick, Unpool } from '../max-pool/op.js';

/** Multiples of 360, so that means of few of them are exact too; many are equal. */
const numbers = (shape: readonly number[], seed: number): Tensor =>
  filled(shape, (i) => 360 * (((i * 7919 + seed * 104729) % 31) - 15));

interface Call {
  readonly op: OpDef<any>;
  readonly attrs: object;
  readonly inputs: readonly Tensor[];
}

/** All ops of pooling on planes of these sizes. */
function calls(size: readonly number[], options: Partial<MaxPoolAttrs>, divisor: number | null = null): Call[] {
  const each = <T>(value: T): T[] => size.map(() => value);
  const attrs = { kernel: each(2), stride: each(2), dilation: each(1), padding: each([0, 0]), ceil: false, ...options };
  const x = numbers([2, 3, ...size], 1);
  const [y, indices] = apply(MaxPool, attrs as MaxPoolAttrs, [x]);
  const upstream = numbers(y.shape, 2);
  const averages = attrs.dilation.some((d) => d > 1)
    ? []
    : [true, false].map((countIncludePad) => ({ ...attrs, countIncludePad, divisor }));
  return [
    { op: MaxPool, attrs, inputs: [x] },
    { op: Unpool, attrs: { size }, inputs: [upstream, indices] },
    { op: Pick, attrs: {}, inputs: [x, indices] },
    ...averages.flatMap((average) => [
      { op: AveragePool, attrs: average, inputs: [x] },
      { op: AveragePoolGradient, attrs: { ...average, size }, inputs: [upstream] },
    ]),
  ];
}

/** Of each way to go through windows: whole ones in rows of four and more, ragged or not, and of fewer; padded, dilated, overhanging. */
const cases: readonly Call[] = [
  ...calls([6, 8], {}, 2),
  ...calls([5, 11], {}),
  ...calls([4, 6], {}),
  ...calls([9, 15], { kernel: [3, 3], stride: [1, 2], dilation: [1, 2] }),
  ...calls([13, 19], { kernel: [2, 5], stride: [2, 3] }),
  ...calls([9, 13], {
    kernel: [3, 3],
    padding: [
      [1, 1],
      [1, 0],
    ],
  }),
  ...calls([7, 13], {
    kernel: [3, 2],
    padding: [
      [1, 1],
      [1, 1],
    ],
    dilation: [2, 1],
  }),
  ...calls([7, 9], { ceil: true }),
  ...calls([21], { kernel: [4], stride: [3], padding: [[2, 1]] }),
  ...calls([4, 6, 10], { kernel: [1, 2, 3], stride: [2, 1, 1] }),
  ...calls([3, 4, 5], {
    kernel: [2, 2, 3],
    padding: [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    ceil: true,
  }),
  ...calls([3, 4, 12], {
    kernel: [2, 2, 3],
    ceil: true,
    stride: [1, 2, 2],
    padding: [
      [1, 1],
      [1, 0],
      [1, 1],
    ],
  }),
];
/** Those of one op; its kernel computes them exactly. */
export const samplesOf = (wanted: OpDef<any>): KernelSample[] =>
  cases
    .filter(({ op }) => op === wanted)
    .map(({ op, attrs, inputs }) => ({ inputs, compute: (...there) => apply(op, attrs, there) }));

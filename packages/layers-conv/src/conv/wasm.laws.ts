import { filled, integers, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import type { Tensor } from '@lemmata/tensor';
import { type ConvAttrs, convolution, inputGradient, weightGradient } from './op.js';
import { convKernels } from './wasm.js';

type Operands = readonly [x: Tensor, w: Tensor, y: Tensor];
type Slot = (attrs: ConvAttrs, operands: Operands) => Tensor;
const SLOTS: readonly Slot[] = [
  (attrs, [x, w]) => convolution(x, w, attrs),
  (attrs, [x, w, y]) => inputGradient(y, w, attrs, x.shape.slice(2)),
  (attrs, [x, w, y]) => weightGradient(x, y, attrs, w.shape.slice(2)),
];

interface Case {
  readonly attrs: ConvAttrs;
  readonly operands: Operands;
}

function sample(x: readonly number[], w: readonly number[], options: Partial<ConvAttrs> = {}): Case {
  const each = <T>(value: T): T[] => x.slice(2).map(() => value);
  const attrs: ConvAttrs = { stride: each(1), dilation: each(1), padding: each([0, 0]), groups: 1, ...options };
  const [a, b] = [integers(x, 1), integers(w, 2)];
  const operands: Operands = [a, b, integers(convolution(a, b, attrs).shape, 3)];
  return { attrs, operands };
}

/** An infinity in x, which a window in two vectors of a row reads, and a −0 in y that meets it. */
function infinite({ attrs, operands: [x, w, y] }: Case): Case {
  const put = (t: Tensor, value: number, ...index: readonly [number, number, number, number]): Tensor => {
    const at = index.reduce((sum, i, axis) => sum * t.shape[axis] + i, 0);
    const values = t.dataSync();
    return filled(t.shape, (i) => (i === at ? value : values[i]));
  };
  return { attrs, operands: [put(x, Infinity, 0, 0, 2, 4), w, put(y, -0, 0, 0, 1, 3)] };
}

/** Of every way to compute one: few and many channels, filters and windows, ragged, in groups, strided, dilated, of each rank. */
const cases: readonly Case[] = [
  sample([2, 2, 9, 11], [7, 2, 3, 4], {
    padding: [
      [1, 0],
      [2, 1],
    ],
  }),
  sample([3, 16, 8, 7], [19, 16, 3, 3], {
    stride: [2, 2],
    padding: [
      [1, 1],
      [1, 1],
    ],
  }),
  sample([2, 6, 10, 9], [10, 3, 3, 2], { groups: 2, dilation: [2, 1], stride: [1, 3] }),
  sample([2, 70, 7, 7], [26, 70, 3, 3], {
    padding: [
      [1, 1],
      [1, 1],
    ],
  }),
  sample([9, 3, 12, 13], [5, 3, 3, 3]),
  // Blocks that the last one does not fill: of images, of filters, of taps, of groups.
  sample([3, 1, 26, 26], [3, 1, 3, 3]),
  sample([2, 4, 9, 9], [14, 2, 3, 3], { groups: 2 }),
  sample([1, 8, 6, 6], [102, 8, 3, 3]),
  sample([1, 8, 4, 4], [100, 8, 3, 3]),
  sample([2, 70, 7, 7], [40, 70, 3, 3]),
  // More windows than a sum takes at once.
  sample([4, 7, 14, 14], [35, 7, 3, 3]),
  // One filter and one channel a group, of few elements.
  sample([2, 3, 9, 11], [3, 1, 3, 2], { groups: 3, dilation: [2, 1] }),
  sample([2, 3, 8, 7], [3, 1, 3, 3], { groups: 3, stride: [2, 1] }),
  sample([1, 2, 9, 13], [2, 1, 5, 5], { groups: 2 }),
  // Eight images in the lanes: of convolutions without padding, and of gradients with it.
  sample([16, 8, 7, 8], [9, 8, 3, 4]),
  sample([16, 16, 6, 11], [16, 8, 2, 3], { groups: 2, stride: [1, 2], dilation: [2, 1] }),
  sample([8, 9, 7, 9], [12, 9, 3, 3], {
    stride: [2, 2],
    padding: [
      [1, 1],
      [2, 1],
    ],
  }),
  sample([8, 5, 6, 5], [16, 5, 2, 3], {
    padding: [
      [0, 1],
      [1, 2],
    ],
  }),
  sample([2, 5, 41], [9, 5, 4], { padding: [[2, 3]] }),
  sample([2, 3, 4, 5, 6], [7, 3, 2, 3, 2], {
    stride: [2, 1, 1],
    padding: [
      [1, 0],
      [1, 1],
      [0, 1],
    ],
  }),
  // Kernels of one element: products of matrices, in groups, of the elements a stride leaves, of planes shorter than a vector.
  sample([2, 9, 5, 7], [37, 9, 1, 1]),
  sample([2, 6, 7, 9], [8, 3, 1, 1], { groups: 2, stride: [2, 3] }),
  sample([3, 5, 3], [7, 5, 1]),
  sample([2, 5, 2, 3, 4], [7, 5, 1, 1, 1]),
  // More filters than taps: blocks of both that the last does not fill.
  sample([2, 70, 4, 4], [111, 70, 1, 1]),
  // Blocks of windows of one image, and of channels, that the last does not fill.
  sample([1, 3, 20, 20], [5, 3, 3, 3]),
  sample([1, 102, 6, 6], [8, 102, 3, 3]),
  sample([1, 101, 3, 3], [8, 101, 2, 2]),
  infinite(sample([2, 2, 6, 9], [3, 2, 3, 3])),
];

const DIVISION = 'how the work is divided';
const BEHIND = 'entries behind the table, in memory that is written afterwards';
const NO_INPUT = 'a table that depends on no input';

/** Of the two sums over taps: forward, and the gradient of the input. */
const ofSums: Readonly<Record<string, string>> = {
  'conv.windows: once and each time confused': NO_INPUT,
  'conv.windows: size one too large': 'a row of padding is multiplied that could be left out',
  'conv.taps: size0 one too large': BEHIND,
  'conv.direct: vectors one too large': 'the last window is computed once more',
  'conv.direct: panelBlock one too large': DIVISION,
  'conv.panels: columnPanels one too large': 'a panel of no windows',
  'conv.panels: columnBlock one too large': DIVISION,
  'conv.panels: panelBlock one too large': DIVISION,
  'conv.panels: depthBlock one too large': DIVISION,
  'conv.positions: rows one too large': BEHIND,
};
const NO_ROWS = 'no row of the kernel is left out';
const NO_PADDING = 'images in lanes have no padding, where all taps are met';
const ONE_PART = 'rows lie in one part';
const NO_Y = 'where y lies is not read from its table';

/** By slot: bugs that change nothing, and why. */
const harmless: readonly Readonly<Record<string, string>>[] = [
  {
    ...ofSums,
    'conv.windows: tapStep one too large': NO_ROWS,
    'conv.taps: once and each time confused': NO_INPUT,
    'conv.direct: distance one too large': 'windows of a row lie side by side',
    'conv.positions: height one too large': NO_PADDING,
    'conv.positions: width one too large': NO_PADDING,
  },
  {
    ...ofSums,
    'conv.place: part one too large': ONE_PART,
    'conv.taps: part one too large': ONE_PART,
  },
  {
    ...Object.fromEntries(
      ['kernel', 'rowTaps', 'tapStart', 'tapStep', 'slide', 'before', 'size'].map((field) => [
        `conv.windows: ${field} one too large`,
        NO_ROWS,
      ]),
    ),
    ...Object.fromEntries(
      ['yStart', 'yWide', 'y0', 'y1', 'y2'].map((field) => [`conv.windows: ${field} one too large`, NO_Y]),
    ),
    'conv.windows: size0 one too large': BEHIND,
    'conv.taps: size0 one too large': BEHIND,
    'conv.dots: the first f32x4.ne exchanged': 'all sums are computed with care, and take longer',
    'conv.correlation: rowBlock one too large': DIVISION,
    'conv.correlation: columnBlock one too large': DIVISION,
    'conv.correlation: depthBlock one too large': DIVISION,
  },
];

export const laws: readonly KernelLaws[] = SLOTS.map((slot, i) =>
  kernelLaws(
    [convKernels[i]],
    cases.map(({ attrs, operands }) => ({
      inputs: operands,
      compute: (...inputs: Tensor[]) => [slot(attrs, inputs as unknown as Operands)],
    })),
    harmless[i],
  ),
);

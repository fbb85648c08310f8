import {
  expectSame,
  floats,
  layerLaws,
  type Law,
  type Laws,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
  Violation,
} from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import { flip, matmul, mul, ones, reshape, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { conv2d } from '../conv/index.js';
import { walk } from '../conv/oracle.laws.js';
import { situations as convSituations } from '../conv/samples.laws.js';
import { Fold, Unfold, type UnfoldAttrs } from './op.js';
import {
  fold2d,
  fold2dLayer,
  type FoldOptions,
  unfold1dLayer,
  unfold2d,
  unfold2dLayer,
  unfold3dLayer,
  type UnfoldOptions,
} from './unfold.js';
import { foldCall, foldSearch, unfoldCall, unfoldSearch } from './search.laws.js';

interface Situation {
  readonly attrs: UnfoldAttrs;
  readonly x: number[];
  readonly y: number[];
}

const situations: fc.Arbitrary<Situation> = convSituations.map(({ x, w, y, attrs: { groups: _, ...sliding } }) => {
  const kernel = w.slice(2);
  return {
    attrs: { kernel, ...sliding },
    x,
    y: [x[0], x[1] * sizeOf(kernel), sizeOf(y.slice(2))],
  };
});

/**
 * Pairs of an element of x and one of y that is its copy: a convolution of one plane with as many filters as the kernel has
 * elements, of which each reads one.
 */
function pairs(attrs: UnfoldAttrs, x: Shape, y: Shape, visit: (x: number, y: number) => void): void {
  const [, , ...size] = x;
  const window = sizeOf(attrs.kernel);
  const counts = size.map((n, a) => {
    const room = n + attrs.padding[a][0] + attrs.padding[a][1] - (attrs.kernel[a] - 1) * attrs.dilation[a];
    return Array.from({ length: room }, (_, i) => i).filter((i) => i % attrs.stride[a] === 0).length;
  });
  const shapes = { x: [1, 1, ...size], w: [1, 1, ...attrs.kernel], y: [1, 1, ...counts], groups: 1 };
  const plane: [number, number][] = [];
  walk({ ...attrs, ...shapes }, (i, k, j) => plane.push([i, k * y[2] + j]));
  for (let p = 0; p < x[0] * x[1]; p++) {
    for (const [from, to] of plane) visit(p * sizeOf(size) + from, p * window * y[2] + to);
  }
}

const twos: UnfoldAttrs = {
  kernel: [2, 2],
  stride: [1, 1],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
};

const unfoldLaws: Laws = opLaws(Unfold, {
  samples: situations.map(({ attrs, x }): OpSample<UnfoldAttrs> => ({ attrs, inputs: [floats(x)] })),
  invalid: [
    { attrs: twos, inputs: [floats([1, 1, 1, 4])], throws: /the kernel spans 2, but the padded input has 1/ },
    { attrs: twos, inputs: [floats([1, 1, 4])], throws: /must have as many axes/ },
    { attrs: twos, inputs: [{ shape: [1, 1, 4, 4], dtype: 'int32' }], throws: /: x must be float32 or float64/ },
  ],
  oracle(attrs, x) {
    const [{ shape }] = Unfold.infer(attrs, { shape: x.shape, dtype: 'float64' });
    const data = new Array<number>(sizeOf(shape)).fill(0);
    pairs(attrs, x.shape, shape, (from, to) => (data[to] = x.data[from]));
    return { shape, data };
  },
});

const foldLaws: Laws = opLaws(Fold, {
  samples: situations.map(
    ({ attrs, x, y }): OpSample<UnfoldAttrs & { size: Shape }> => ({
      attrs: { ...attrs, size: x.slice(2) },
      inputs: [floats(y)],
    }),
  ),
  invalid: [
    {
      attrs: { ...twos, size: [4, 4] },
      inputs: [floats([1, 4, 8])],
      throws: /a size of 4 × 4 has 3 × 3 windows \(axis 2, received 8, expected 9\)/,
    },
    {
      attrs: { ...twos, size: [4, 4] },
      inputs: [floats([1, 6, 9])],
      throws: /a kernel of 4 elements must divide the rows of x \(axis 1, received 6\)/,
    },
    { attrs: { ...twos, size: [4, 4] }, inputs: [floats([4, 9])], throws: /x must have 3 axes/ },
    { attrs: { ...twos, size: [1, 4] }, inputs: [floats([1, 4, 3])], throws: /the kernel spans 2/ },
    {
      attrs: { ...twos, size: [4, 4] },
      inputs: [{ shape: [1, 4, 9], dtype: 'int32' }],
      throws: /: x must be float32 or float64/,
    },
  ],
  oracle({ size, ...attrs }, y) {
    const shape = [y.shape[0], y.shape[1] / sizeOf(attrs.kernel), ...size];
    const data = new Array<number>(sizeOf(shape)).fill(0);
    pairs(attrs, shape, y.shape, (to, from) => (data[to] += y.data[from]));
    return { shape, data };
  },
});

type UnfoldFunction = (x: Tensor, options: UnfoldOptions) => Tensor;

function same(what: string, received: Tensor, expected: Tensor, source: string): void {
  if (String(received.shape) !== String(expected.shape))
    throw new Violation({ what: `shape of ${what}`, received: received.shape, expected: expected.shape, source });
  expectSame({ what, shape: expected.shape, source }, received.dataSync(), expected.dataSync(), 'number');
}

interface Case {
  readonly options: Required<UnfoldOptions>;
  readonly seed: number;
}

const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const cases: fc.Arbitrary<Case> = fc.record({
  options: fc.record({
    kernelSize: pair(1, 3),
    stride: pair(1, 3),
    dilation: pair(1, 2),
    padding: fc.tuple(pair(0, 2), pair(0, 2)),
  }),
  seed: fc.nat(1e6),
});

const product: Law<UnfoldFunction, Case> = {
  name: 'a convolution is a product with it',
  statement: 'The weight as a matrix times the unfolded image is the convolution.',
  formula: 'conv(x, W) = W · unfold(x)',
  subject: unfold2d,
  cases,
  mutants: [
    { name: 'rows in reverse', plant: (unfold) => (x, o) => flip(unfold(x, o), 1) },
    { name: 'twice too large', plant: (unfold) => (x, o) => mul(unfold(x, o), 2) },
  ],
  holds(unfold, { options, seed }) {
    const { kernelSize, ...sliding } = options;
    const kernel = kernelSize as [number, number];
    const x = tensor(smallIntegers(2 * 2 * 5 * 6, seed, 0), { shape: [2, 2, 5, 6] });
    const w = tensor(smallIntegers(3 * 2 * sizeOf(kernel), seed, 1), { shape: [3, 2, ...kernel] });
    const y = conv2d(x, w, null, sliding);
    const matrix = reshape(w, [3, 2 * sizeOf(kernel)]);
    same('W · unfold(x)', reshape(matmul(matrix, unfold(x, options)), y.shape), y, 'conv(x, W)');
  },
};

type FoldFunction = (x: Tensor, options: FoldOptions) => Tensor;

const counted: Law<FoldFunction, Case> = {
  name: 'folding what was unfolded counts the windows',
  statement: 'Unfolded and folded again, each element is itself times the number of windows that read it.',
  formula: 'fold(unfold(x)) = x · fold(unfold(1))',
  subject: fold2d,
  cases,
  mutants: [
    { name: 'windows in reverse', plant: (fold) => (x, o) => fold(flip(x, 2), o) },
    { name: '1 % too large', plant: (fold) => (x, o) => mul(fold(x, o), 1.01) },
    {
      name: 'only the first window counts',
      plant: (fold, bites) => (x, o) => {
        if (x.shape[2] > 1) bites();
        const data = x.dataSync().map((v, i) => (i % x.shape[2] === 0 ? v : 0));
        return fold(tensor(data, { shape: x.shape }), o);
      },
      conditional: true,
    },
  ],
  holds(fold, { options, seed }) {
    const shape = [1, 2, 5, 6];
    const x = tensor(smallIntegers(sizeOf(shape), seed, 0), { shape });
    const through = (image: Tensor, f: FoldFunction): Tensor =>
      f(unfold2d(image, options), { ...options, outputSize: [5, 6] });
    const windows = new Float64Array(30);
    const { kernelSize, stride, dilation, padding } = options;
    // How many windows and taps along each axis meet in an element, one by one.
    const along = (size: number, a: number): number[] => {
      const [k, s, d] = [kernelSize, stride, dilation].map((list) => (list as number[])[a]);
      const [before, after] = (padding as [number, number][])[a];
      const reads = new Array<number>(size).fill(0);
      for (let start = -before; start + (k - 1) * d < size + after; start += s) {
        for (let t = 0; t < k; t++) if (start + t * d >= 0 && start + t * d < size) reads[start + t * d]++;
      }
      return reads;
    };
    const [rows, columns] = [along(5, 0), along(6, 1)];
    windows.forEach((_, i) => (windows[i] = rows[Math.floor(i / 6)] * columns[i % 6]));
    same('fold(unfold(x))', through(x, fold), mul(x, tensor(windows, { shape: [5, 6] })), 'x · windows');
    same(
      'fold(unfold(1))',
      through(ones([1, 1, 5, 6], 'float64'), fold),
      tensor(windows, { shape: [1, 1, 5, 6] }),
      'windows',
    );
  },
};

const layers: Laws = layerLaws('unfold and fold layers', {
  samples: [
    { layer: unfold2dLayer({ kernelSize: [2, 3], padding: 1, stride: 2 }), inputShape: [2, 3, 4] },
    { layer: unfold1dLayer({ kernelSize: 2, dilation: 2 }), inputShape: [3, 5] },
    { layer: unfold3dLayer({ kernelSize: 2 }), inputShape: [1, 2, 3, 2] },
    { layer: fold2dLayer({ outputSize: [4, 5], kernelSize: 2 }), inputShape: [8, 12] },
  ],
  invalid: [
    { layer: unfold2dLayer({ kernelSize: 3 }), inputShape: [2, 2, 5], throws: /unfold2d: the kernel spans 3/ },
    { layer: unfold2dLayer({ kernelSize: 3 }), inputShape: [5, 5], throws: /unfold2d: x must have 4 axes/ },
    { layer: fold2dLayer({ outputSize: [4, 5], kernelSize: 2 }), inputShape: [8, 11], throws: /has 3 × 4 windows/ },
  ],
});

/** Of the two ops, of what they are for, and of the layers. */
export const laws: readonly Laws[] = [
  unfoldLaws,
  foldLaws,
  { subject: 'unfold2d', laws: [product] },
  { subject: 'fold2d', laws: [counted] },
  searchLaws('unfold', unfoldCall, unfoldSearch),
  searchLaws('fold', foldCall, foldSearch),
  layers,
];

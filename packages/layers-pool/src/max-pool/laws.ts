import {
  distinct,
  expectSame,
  floats,
  type InputSpec,
  ints,
  integers,
  layerLaws,
  type Law,
  type Laws,
  type NdArray,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
  Violation,
} from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import { add, mul, pad, reshape, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { countWindows, everyWindow } from '../oracle.laws.js';
import { type Situation, situations } from '../samples.laws.js';
import { maxPool1dLayer, maxPool2d, maxPool2dLayer, type MaxPoolOptions, maxPool3dLayer } from './max-pool.js';
import { MaxPool, type MaxPoolAttrs, Pick, Unpool } from './op.js';
import { maxPoolCall, maxPoolSearch } from './search.laws.js';

const halves: MaxPoolAttrs = {
  kernel: [2, 2],
  stride: [2, 2],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  ceil: false,
};

const maxPoolLaws: Laws = opLaws(MaxPool, {
  // No two values are near each other: which one is largest does not change under a small step.
  samples: situations(2).map(
    ({ slide, x }): OpSample<MaxPoolAttrs> => ({ attrs: slide, inputs: [floats(x, distinct(-4, 4))] }),
  ),
  invalid: [
    { attrs: halves, inputs: [floats([1, 1, 1, 4])], throws: /the kernel spans 2, but the padded input has 1/ },
    {
      attrs: {
        ...halves,
        padding: [
          [0, 2],
          [0, 0],
        ],
      },
      inputs: [floats([1, 1, 4, 4])],
      throws: /padding must be at most 1/,
    },
    { attrs: halves, inputs: [floats([1, 0, 4, 4])], throws: /at least one channel/ },
    { attrs: halves, inputs: [{ shape: [1, 1, 4, 4], dtype: 'bool' }], throws: /must hold numbers/ },
    { attrs: halves, inputs: [floats([1, 4])], throws: /axes/ },
  ],
  oracle(attrs, x) {
    const [N, C, ...sizes] = x.shape;
    const shape = [N, C, ...sizes.map((n, a) => countWindows(attrs, a, n))];
    const values: number[] = [];
    const indices: number[] = [];
    for (let plane = 0; plane < N * C; plane++) {
      const at = (i: number): number => x.data[plane * sizeOf(sizes) + i];
      everyWindow(attrs, sizes, (_, reads) => {
        const largest = Math.max(...reads.map(at));
        values.push(largest);
        indices.push(reads.find((i) => at(i) === largest) ?? -1);
      });
    }
    return [
      { shape, data: values },
      { shape, data: indices },
    ];
  },
});

/** Indices that may repeat, into planes as large as those of `x`. */
function places({ x, y }: Situation): InputSpec {
  return ints(y, integers(0, sizeOf(x.slice(2)) - 1));
}

const unpoolLaws: Laws = opLaws(Unpool, {
  samples: situations(1).map(
    (s): OpSample<{ size: Shape }> => ({ attrs: { size: s.x.slice(2) }, inputs: [floats(s.y), places(s)] }),
  ),
  invalid: [
    {
      attrs: { size: [4] },
      inputs: [floats([1, 1, 2]), ints([1, 1, 3])],
      throws: /indices must be \[N, C, \.\.\.spatial\]/,
    },
    { attrs: { size: [4] }, inputs: [floats([1, 1, 2]), floats([1, 1, 2])], throws: /indices must be int32/ },
  ],
  oracle({ size }, y, indices) {
    const [N, C, ...sizes] = y.shape;
    const plane = sizeOf(size);
    const data = new Array<number>(N * C * plane).fill(0);
    for (let p = 0; p < N * C; p++) {
      for (let j = p * sizeOf(sizes); j < (p + 1) * sizeOf(sizes); j++) data[p * plane + indices.data[j]] += y.data[j];
    }
    return { shape: [N, C, ...size], data };
  },
});

const pickLaws: Laws = opLaws(Pick, {
  samples: situations(1).map((s): OpSample<unknown> => ({ attrs: {}, inputs: [floats(s.x), places(s)] })),
  invalid: [
    { attrs: {}, inputs: [floats([2, 1, 4]), ints([1, 1, 2])], throws: /with N and C of the values/ },
    { attrs: {}, inputs: [floats([1, 1, 4]), floats([1, 1, 2])], throws: /indices must be int32/ },
  ],
  oracle(_, x, indices): NdArray {
    const plane = sizeOf(x.shape.slice(2));
    const count = sizeOf(indices.shape.slice(2));
    return {
      shape: indices.shape,
      data: Array.from(indices.data, (i, j) => x.data[Math.floor(j / count) * plane + i]),
    };
  },
});

type Pool = (x: Tensor, options: MaxPoolOptions) => Tensor;

interface PoolCase {
  readonly options: MaxPoolOptions;
  readonly seed: number;
}

const cases: fc.Arbitrary<PoolCase> = fc.record({
  options: fc.record({
    kernelSize: fc.tuple(fc.integer({ min: 2, max: 3 }), fc.integer({ min: 2, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.nat(1), fc.nat(1)),
    ceilMode: fc.boolean(),
  }),
  seed: fc.nat(1e6),
});

const side = 6;

function image(seed: number, change: (value: number) => number = (v) => v): Tensor {
  return tensor(smallIntegers(2 * side * side, seed).map(change), { shape: [1, 2, side, side] });
}

function same(what: string, received: Tensor, expected: Tensor, source: string): void {
  if (String(received.shape) !== String(expected.shape)) {
    throw new Violation({ what: `shape of ${what}`, received: received.shape, expected: expected.shape, source });
  }
  expectSame({ what, shape: expected.shape, source }, received.dataSync(), expected.dataSync(), 'number');
}

/** Monotone, and neither linear nor symmetric; exact on small integers. */
const rising: readonly ((v: number) => number)[] = [(v) => v ** 3 + 2 * v - 70, (v) => 2 ** v, (v) => Math.max(v, -1)];

const monotone: Law<Pool, PoolCase> = {
  name: 'commutes with monotone maps',
  statement:
    'Pooling a picture whose values went through a rising function gives the pooled picture through that function.',
  formula: 'f rising ⇒ pool(f(x)) = f(pool(x))',
  subject: maxPool2d,
  cases,
  mutants: [
    { name: 'padding is 0', plant: (pool) => (x, options) => pool(withBorder(x, options), { ...options, padding: 0 }) },
    { name: 'the value is doubled', plant: (pool) => (x, options) => mul(pool(x, options), 2) },
  ],
  holds(pool, { options, seed }) {
    for (const f of rising) {
      const y = pool(image(seed), options);
      same('pool(f(x))', pool(image(seed, f), options), tensor(y.dataSync().map(f), { shape: y.shape }), 'f(pool(x))');
    }
  },
};

/** The picture with zeros around it where the options ask for padding. */
function withBorder(x: Tensor, { padding }: MaxPoolOptions): Tensor {
  const [rows, columns] = padding as readonly [number, number];
  return pad(x, [
    [0, 0],
    [0, 0],
    [rows, rows],
    [columns, columns],
  ]);
}

const largest: Law<Pool, PoolCase> = {
  name: 'every result is an element, and none of its window is larger',
  statement:
    'With a window as large as the picture the result is its maximum; adding a constant adds it to the result.',
  formula: 'pool(x) = max x, pool(x + c) = pool(x) + c',
  subject: maxPool2d,
  cases,
  mutants: [
    { name: '1 added to every result', plant: (pool) => (x, options) => add(pool(x, options), 1) },
    { name: 'the smallest instead', plant: (pool) => (x, options) => mul(pool(mul(x, -1), options), -1) },
  ],
  holds(pool, { options, seed }) {
    const x = image(seed);
    const data = Array.from(x.dataSync());
    const all = pool(x, { kernelSize: side });
    const half = data.length / 2;
    const expected = tensor([Math.max(...data.slice(0, half)), Math.max(...data.slice(half))], { shape: [1, 2, 1, 1] });
    same('pool over everything', all, expected, 'max x');
    same('pool(x + 3)', pool(add(x, 3), options), add(pool(x, options), 3), 'pool(x) + 3');
  },
};

const smallShift: Law<
  Pool,
  { readonly place: number; readonly by: number; readonly kernel: number; readonly seed: number }
> = {
  name: 'a small shift changes nothing',
  statement: 'A peak that moves inside its window leaves the result as it is; one that leaves it does not.',
  formula: '⌊i / k⌋ = ⌊i′ / k⌋ ⇔ pool(x) = pool(x′), for a single peak at i or i′',
  subject: (x, options) => maxPool2d(x, options),
  cases: fc.record({ place: fc.nat(11), by: fc.nat(11), kernel: fc.integer({ min: 2, max: 4 }), seed: fc.nat(1e6) }),
  mutants: [
    { name: 'stride 1 instead of the kernel', plant: (pool) => (x, options) => pool(x, { ...options, stride: 1 }) },
    { name: 'the windows start one later', plant: (pool) => (x, options) => pool(shifted(x), options) },
  ],
  holds(pool, { place, by, kernel }) {
    const peak = (at: number): Tensor =>
      tensor(
        Float64Array.from({ length: 12 }, (_, i) => (i === at ? 9 : 0)),
        { shape: [1, 1, 1, 12] },
      );
    const pooled = (at: number): string => String(pool(peak(at), { kernelSize: [1, kernel] }).dataSync());
    const equal = pooled(place) === pooled(by);
    const expected = Math.floor(place / kernel) === Math.floor(by / kernel);
    if (equal !== expected)
      throw new Violation({ what: `pooled peaks at ${place} and ${by} equal`, received: equal, expected });
  },
};

/** The elements one place further on. */
function shifted(x: Tensor): Tensor {
  const data = x.dataSync();
  return reshape(tensor(Float64Array.from(data, (_, i) => data[(i + 1) % data.length])), x.shape);
}

const familyLaws: Laws = { subject: 'maxPool2d', laws: [monotone, largest, smallShift] };

const apart = distinct(-4, 4);

const layers: Laws = layerLaws('max pool layers', {
  samples: [
    { layer: maxPool2dLayer({ kernelSize: 2 }), inputShape: [2, 4, 4], values: apart },
    {
      layer: maxPool2dLayer({ kernelSize: 3, stride: 2, padding: 1, ceilMode: true }),
      inputShape: [1, 4, 5],
      values: apart,
    },
    { layer: maxPool1dLayer({ kernelSize: 2, dilation: 2, stride: 1 }), inputShape: [2, 5], values: apart },
    { layer: maxPool3dLayer({ kernelSize: [1, 2, 2] }), inputShape: [1, 2, 2, 4], values: apart },
  ],
  invalid: [
    { layer: maxPool2dLayer({ kernelSize: 3 }), inputShape: [1, 2, 4], throws: /the kernel spans 3/ },
    { layer: maxPool2dLayer({ kernelSize: 2 }), inputShape: [4, 4], throws: /axes/ },
    { layer: maxPool2dLayer({ kernelSize: 2 }), inputShape: [0, 4, 4], throws: /at least one channel/ },
  ],
});

/** Of the three ops, of max pooling as a function, and of the layers. */
export const laws: readonly Laws[] = [
  maxPoolLaws,
  unpoolLaws,
  pickLaws,
  familyLaws,
  searchLaws('maxPool', maxPoolCall, maxPoolSearch),
  layers,
];

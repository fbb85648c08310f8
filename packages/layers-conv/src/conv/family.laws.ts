import { vjp } from '@lemmata/autograd';
import { expectSame, type Law, type Laws, type Mutant, smallIntegers, Violation } from '@lemmata/laws';
import { receptiveField, type Shape, sizeOf } from '@lemmata/shape';
import { add, maximum, mul, ones, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { conv2d } from './conv.js';
import type { ConvOptions } from './convolve.js';
import { countWindows } from './oracle.laws.js';

type Conv = (x: Tensor, weight: Tensor, options: ConvOptions) => Tensor;

const subject: Conv = (x, weight, options) => conv2d(x, weight, null, options);

/** Small integers: everything below is exact. */
function draw(shape: Shape, seed: number, stream: number): Tensor {
  return tensor(smallIntegers(sizeOf(shape), seed, stream), { shape });
}

/** A tensor from its elements by index. */
function build(
  shape: readonly [number, number, number, number],
  value: (n: number, c: number, i: number, j: number) => number,
): Tensor {
  const [N, C, H, W] = shape;
  const data = new Float64Array(N * C * H * W);
  let at = 0;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let i = 0; i < H; i++) for (let j = 0; j < W; j++) data[at++] = value(n, c, i, j);
    }
  }
  return tensor(data, { shape });
}

function reader(t: Tensor): (n: number, c: number, i: number, j: number) => number {
  const data = t.dataSync();
  const [, C, H, W] = t.shape;
  return (n, c, i, j) => (i < 0 || j < 0 || i >= H || j >= W ? 0 : data[((n * C + c) * H + i) * W + j]);
}

function expectEqual(what: string, received: Tensor, expected: Tensor, source: string): void {
  if (String(received.shape) !== String(expected.shape)) {
    throw new Violation({ what: `shape of ${what}`, received: received.shape, expected: expected.shape, source });
  }
  expectSame({ what, shape: expected.shape, source }, received.dataSync(), expected.dataSync(), 'number');
}

const flipped: Mutant<Conv> = {
  name: 'the kernel is flipped',
  plant: (conv, bites) => (x, w, options) => {
    const at = reader(w);
    const [O, C, H, W] = w.shape;
    const turned = build([O, C, H, W], (o, c, i, j) => at(o, c, H - 1 - i, W - 1 - j));
    if (String(turned.dataSync()) !== String(w.dataSync())) bites();
    return conv(x, turned, options);
  },
  conditional: true,
};

const dependsOnPlace: Mutant<Conv> = {
  name: 'every output has its row added',
  plant: (conv) => (x, w, options) => {
    const y = conv(x, w, options);
    return add(
      y,
      build(y.shape as [number, number, number, number], (_n, _c, i) => i + 1),
    );
  },
};

const rectified: Mutant<Conv> = {
  name: 'negative results become 0',
  plant: (conv, bites) => (x, w, options) => {
    const y = conv(x, w, options);
    if (y.dataSync().some((v) => v < 0)) bites();
    return maximum(y, 0);
  },
  conditional: true,
};

const channelsReversed: Mutant<Conv> = {
  name: 'the channels are read in reverse',
  plant: (conv, bites) => (x, w, options) => {
    const at = reader(x);
    const [N, C, H, W] = x.shape;
    if (C > 1) bites();
    return conv(
      build([N, C, H, W], (n, c, i, j) => at(n, C - 1 - c, i, j)),
      w,
      options,
    );
  },
  conditional: true,
};

/** The option left out, which bites where it says anything. */
function forgets(option: 'dilation' | 'stride' | 'groups', neutral: number): Mutant<Conv> {
  return {
    name: `the ${option} is forgotten`,
    plant:
      (conv, bites) =>
      (x, w, { [option]: value, ...rest }) => {
        if (Array.isArray(value) ? value.some((v) => v !== neutral) : value !== undefined && value !== neutral) bites();
        return conv(x, w, rest);
      },
    conditional: true,
  };
}

const paddedBefore: Mutant<Conv> = {
  name: 'the padding after the input is forgotten',
  plant:
    (conv, bites) =>
    (x, w, { padding = [], ...rest }) => {
      const sides = padding as readonly (readonly [number, number])[];
      if (sides.some(([, after]) => after > 0)) bites();
      return conv(x, w, { ...rest, padding: sides.map(([before]) => [before, 0] as const) });
    },
  conditional: true,
};

interface SizeCase {
  readonly size: [number, number];
  readonly kernel: [number, number];
  readonly stride: [number, number];
  readonly dilation: [number, number];
  readonly padding: [[number, number], [number, number]];
}

const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const sizeCases: fc.Arbitrary<SizeCase> = fc
  .record({
    extra: pair(0, 6),
    kernel: pair(1, 4),
    stride: pair(1, 3),
    dilation: pair(1, 2),
    padding: fc.tuple(pair(0, 3), pair(0, 3)),
  })
  .map(({ extra, kernel, ...rest }) => ({
    ...rest,
    kernel,
    size: extra.map((more, a) => 1 + (kernel[a] - 1) * rest.dilation[a] + more) as [number, number],
  }));

const size: Law<Conv, SizeCase> = {
  name: 'size',
  statement:
    'Along each axis there are as many outputs as windows that end inside the padded input: W − K + 1 + 2P in the plain case.',
  formula: '⌊(W + p₀ + p₁ − d(K − 1) − 1) / s⌋ + 1',
  subject,
  cases: sizeCases,
  mutants: [forgets('dilation', 1), forgets('stride', 1), paddedBefore],
  holds(conv, { size, kernel, stride, dilation, padding }) {
    const y = conv(ones([1, 1, ...size]), ones([1, 1, ...kernel]), { stride, dilation, padding });
    size.forEach((n, a) => {
      const expected = countWindows(n, kernel[a], stride[a], dilation[a], padding[a]);
      if (y.shape[a + 2] !== expected)
        throw new Violation({ what: 'size', index: [a], received: y.shape[a + 2], expected });
    });
  },
};

const support: Law<Conv, SizeCase & { readonly place: number }> = {
  name: 'the field of an output is the support of its gradient',
  statement: 'The gradient of output j reaches the inputs j·s + k·d − p, for all k, and no others.',
  formula: '∂yⱼ/∂xᵢ ≠ 0 ⇔ i = j·s + k·d − p for a k',
  subject,
  cases: fc.record({ base: sizeCases, place: fc.nat(1000) }).map(({ base, place }) => ({ ...base, place })),
  mutants: [forgets('dilation', 1), forgets('stride', 1)],
  holds(conv, { size, kernel, stride, dilation, padding, place }) {
    const w = ones([1, 1, ...kernel], 'float64');
    const { value, pullback } = vjp(
      (x: Tensor) => conv(x, w, { stride, dilation, padding }),
      ones([1, 1, ...size], 'float64'),
    );
    const [, , H, W] = value.shape;
    const at = [Math.floor(place / W) % H, place % W];
    const [dx] = pullback(build([1, 1, H, W], (_n, _c, i, j) => (i === at[0] && j === at[1] ? 1 : 0)));
    const hit = (a: number, i: number): boolean =>
      Array.from({ length: kernel[a] }, (_, k) => at[a] * stride[a] + k * dilation[a] - padding[a][0]).includes(i);
    const expected = build([1, 1, ...size], (_n, _c, i, j) => (hit(0, i) && hit(1, j) ? 1 : 0));
    expectEqual(`gradient of output [${at.join(', ')}]`, dx, expected, 'positions read');
  },
};

const stackField: Law<Conv, { readonly layers: number; readonly kernel: number }> = {
  name: 'the field of a stack',
  statement:
    'An output after L convolutions of kernel K sees 1 + L(K − 1) elements along each axis, as receptiveField says.',
  formula: '1 + L(K − 1)',
  subject,
  cases: fc.record({ layers: fc.integer({ min: 1, max: 4 }), kernel: fc.integer({ min: 2, max: 4 }) }),
  mutants: [{ name: 'a dilation of 2', plant: (conv) => (x, w, options) => conv(x, w, { ...options, dilation: 2 }) }],
  holds(conv, { layers, kernel }) {
    const n = 2 * layers * (kernel - 1) + 3;
    const w = ones([1, 1, kernel, kernel], 'float64');
    const stack = (x: Tensor): Tensor => Array.from({ length: layers }).reduce<Tensor>((y) => conv(y, w, {}), x);
    const { value, pullback } = vjp(stack, ones([1, 1, n, n], 'float64'));
    const [, , H, W] = value.shape;
    const [dx] = pullback(build([1, 1, H, W], (_n, _c, i, j) => (i === 0 && j === 0 ? 1 : 0)));
    const seen = reader(dx);
    const field = Array.from({ length: n }, (_, i) => seen(0, 0, i, 0) !== 0).lastIndexOf(true) + 1;
    const expected = 1 + layers * (kernel - 1);
    if (field !== expected) throw new Violation({ what: 'field', received: field, expected, source: '1 + L(K − 1)' });
    const told = receptiveField(Array.from({ length: layers }, () => ({ kernel }))).size;
    if (field !== told)
      throw new Violation({ what: 'field', received: field, expected: told, source: 'receptiveField' });
  },
};

const delta: Law<Conv, { readonly half: [number, number]; readonly channels: number; readonly seed: number }> = {
  name: 'a delta kernel is the identity',
  statement:
    'A kernel that is 1 at its centre and in its own channel, with as much padding as it reaches, changes nothing; off the centre it shifts.',
  formula: 'x ∗ δ = x, x ∗ δ₊₁ = x shifted by 1',
  subject,
  cases: fc.record({ half: pair(1, 2), channels: fc.integer({ min: 1, max: 3 }), seed: fc.nat(1e6) }),
  mutants: [flipped, channelsReversed, dependsOnPlace],
  holds(conv, { half: [a, b], channels, seed }) {
    const x = draw([2, channels, 5, 4], seed, 0);
    const at = reader(x);
    for (const [u, v] of [
      [0, 0],
      [1, -1],
    ] as const) {
      const w = build([channels, channels, 2 * a + 1, 2 * b + 1], (o, c, i, j) =>
        o === c && i === a + u && j === b + v ? 1 : 0,
      );
      const y = conv(x, w, {
        padding: [
          [a, a],
          [b, b],
        ],
      });
      expectEqual(
        'x ∗ δ',
        y,
        build([2, channels, 5, 4], (n, c, i, j) => at(n, c, i + u, j + v)),
        'x',
      );
    }
  },
};

const translation: Law<
  Conv,
  {
    readonly kernel: [number, number];
    readonly stride: [number, number];
    readonly dilation: [number, number];
    readonly by: [number, number];
    readonly seed: number;
  }
> = {
  name: 'translation',
  statement:
    'An image that is shifted by whole strides gives the shifted result, wherever the window lies inside both images.',
  formula: 'x′(i) = x(i − t·s) ⇒ y′(j) = y(j − t)',
  subject,
  cases: fc.record({ kernel: pair(1, 3), stride: pair(1, 3), dilation: pair(1, 2), by: pair(0, 2), seed: fc.nat(1e6) }),
  mutants: [
    dependsOnPlace,
    {
      name: 'columns and rows of the image are read with a weight of their own',
      plant: (conv) => (x, w, options) =>
        conv(
          mul(
            x,
            build(x.shape as [number, number, number, number], (_n, _c, i, j) => 1 + i * 2 + j),
          ),
          w,
          options,
        ),
    },
  ],
  holds(conv, { kernel, stride, dilation, by, seed }) {
    const sides = [0, 1].map((a) => (kernel[a] - 1) * dilation[a] + 1 + 4 * stride[a]) as [number, number];
    const shape: [number, number, number, number] = [1, 2, ...sides];
    const x = draw(shape, seed, 0);
    const w = draw([2, 2, ...kernel], seed, 1);
    const at = reader(x);
    const moved = build(shape, (n, c, i, j) => at(n, c, i - by[0] * stride[0], j - by[1] * stride[1]));
    const [y, shifted] = [reader(conv(x, w, { stride, dilation })), reader(conv(moved, w, { stride, dilation }))];
    const inside = (f: (n: number, c: number, i: number, j: number) => number): Tensor =>
      build([1, 2, 5 - by[0], 5 - by[1]], f);
    expectEqual(
      'result of the shifted image',
      inside((n, c, i, j) => shifted(n, c, i + by[0], j + by[1])),
      inside(y),
      'shifted result',
    );
  },
};

const stacked: Law<
  Conv,
  { readonly first: [number, number]; readonly second: [number, number]; readonly seed: number }
> = {
  name: 'two convolutions are one',
  statement: 'Two linear convolutions after one another are one, whose kernel is the product of theirs as polynomials.',
  formula: '(x ∗ a) ∗ b = x ∗ ab',
  subject,
  cases: fc.record({ first: pair(1, 3), second: pair(1, 3), seed: fc.nat(1e6) }),
  mutants: [rectified, channelsReversed, dependsOnPlace],
  holds(conv, { first, second, seed }) {
    const x = draw([1, 2, 6, 7], seed, 0);
    const a = draw([3, 2, ...first], seed, 1);
    const b = draw([2, 3, ...second], seed, 2);
    const [A, B] = [reader(a), reader(b)];
    // (ab)[o, c, m] = Σ over middle channels e and k + l = m of b[o, e, l] · a[e, c, k]
    const ab = build([2, 2, first[0] + second[0] - 1, first[1] + second[1] - 1], (o, c, i, j) => {
      let total = 0;
      for (let e = 0; e < 3; e++) {
        for (let k = 0; k < second[0]; k++) {
          for (let l = 0; l < second[1]; l++) total += B(o, e, k, l) * A(e, c, i - k, j - l);
        }
      }
      return total;
    });
    expectEqual('(x ∗ a) ∗ b', conv(conv(x, a, {}), b, {}), conv(x, ab, {}), 'x ∗ ab');
  },
};

const pointwise: Law<Conv, { readonly channels: number; readonly filters: number; readonly seed: number }> = {
  name: 'C15: 1 × 1 is linear',
  statement: 'A convolution with a 1 × 1 kernel multiplies the channels of every pixel by the weight matrix.',
  formula: 'y[o, i] = Σ over c of w[o, c] · x[c, i]',
  subject,
  cases: fc.record({
    channels: fc.integer({ min: 1, max: 4 }),
    filters: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(1e6),
  }),
  mutants: [channelsReversed, dependsOnPlace],
  holds(conv, { channels, filters, seed }) {
    const x = draw([2, channels, 3, 4], seed, 0);
    const w = draw([filters, channels, 1, 1], seed, 1);
    const [X, W] = [reader(x), reader(w)];
    const expected = build([2, filters, 3, 4], (n, o, i, j) => {
      let total = 0;
      for (let c = 0; c < channels; c++) total += W(o, c, 0, 0) * X(n, c, i, j);
      return total;
    });
    expectEqual('y', conv(x, w, {}), expected, 'matrix product at every pixel');
  },
};

const blocks: Law<
  Conv,
  { readonly groups: number; readonly channels: number; readonly filters: number; readonly seed: number }
> = {
  name: 'groups are a block-diagonal weight',
  statement: 'A grouped convolution is a plain one whose weight is 0 between the groups.',
  formula: 'w[o, c] = 0 unless o and c are of one group',
  subject,
  cases: fc.record({
    groups: fc.integer({ min: 2, max: 3 }),
    channels: fc.integer({ min: 1, max: 2 }),
    filters: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(1e6),
  }),
  mutants: [channelsReversed, flipped],
  holds(conv, { groups, channels, filters, seed }) {
    const x = draw([1, groups * channels, 4, 4], seed, 0);
    const w = draw([groups * filters, channels, 2, 3], seed, 1);
    const W = reader(w);
    const full = build([groups * filters, groups * channels, 2, 3], (o, c, i, j) =>
      Math.floor(o / filters) === Math.floor(c / channels) ? W(o, c % channels, i, j) : 0,
    );
    // The plain one by the correct convolution: a bug that both share would go unnoticed.
    expectEqual('y', conv(x, w, { groups }), subject(x, full, {}), 'block-diagonal weight');
  },
};

export const familyLaws: Laws = {
  subject: 'conv2d',
  laws: [size, support, stackField, delta, translation, stacked, pointwise, blocks],
};

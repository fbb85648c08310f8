import { valueAndGrad, vjp } from '@lemmata/autograd';
import { OptionError, ShapeError } from '@lemmata/shape';
import { mul, ones, reshape, sum, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import {
  conv1d,
  conv2d,
  conv3d,
  convolution,
  Convolution,
  ConvolutionInputGradient,
  ConvolutionWeightGradient,
  type ConvOptions,
  inputGradient,
  weightGradient,
} from './index.js';

/** 1, 2, 3, … in a shape. */
function counting(...shape: number[]): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(
    Float64Array.from({ length: size }, (_, i) => i + 1),
    { shape },
  );
}

function gradients(upstream: Tensor, options: ConvOptions, x: Tensor, weight: Tensor): [Tensor, Tensor] {
  const convolve = [conv1d, conv2d, conv3d][x.rank - 3];
  return vjp((a: Tensor, w: Tensor) => convolve(a, w, null, options), x, weight).pullback(upstream);
}

test('sizes: 3×32×32 with one 3×5×5 filter gives 1×28×28, with six 6×28×28', () => {
  const x = ones([1, 3, 32, 32]);
  expect(conv2d(x, ones([1, 3, 5, 5])).shape).toEqual([1, 1, 28, 28]);
  const six = conv2d(x, ones([6, 3, 5, 5]), tensor([1, 2, 3, 4, 5, 6]));
  expect(six.shape).toEqual([1, 6, 28, 28]);
  // Every window holds 75 ones; each filter adds its own bias.
  expect(Array.from(six.dataSync().filter((_, i) => i % 784 === 0))).toEqual([76, 77, 78, 79, 80, 81]);
});

test("sizes: 7×7 with 3×3 gives 5×5; 'same' pads (K − 1) / 2", () => {
  const x = counting(1, 1, 7, 7);
  expect(conv2d(x, ones([1, 1, 3, 3], 'float64')).shape).toEqual([1, 1, 5, 5]);
  for (const k of [1, 3, 5, 7]) {
    const w = counting(1, 1, k, k);
    const same = conv2d(x, w, null, { padding: 'same' });
    expect(same.shape).toEqual([1, 1, 7, 7]);
    expect(same.toArray()).toEqual(conv2d(x, w, null, { padding: (k - 1) / 2 }).toArray());
  }
});

test("C1: with 'same' and an even kernel the extra zero goes to the end", () => {
  const y = conv1d(tensor([[[1, 2, 3]]]), tensor([[[1, 10]]]), null, { padding: 'same' });
  expect(y.toArray()).toEqual([[[21, 32, 3]]]);
});

test("C2: 'same' with a stride throws and names the alternatives, which give ⌈n / s⌉ outputs", () => {
  const x = counting(1, 1, 5);
  const w = tensor([[[1, 10, 100]]], { dtype: 'float64' });
  expect(() => conv1d(x, w, null, { padding: 'same', stride: 2 })).toThrow(
    "conv1d: padding 'same' needs stride 1 (axis 2, received 2). " +
      "Use 'same-upper' or 'same-lower', whose output has ceil(size / stride) elements, or give numbers.",
  );
  expect(conv1d(x, w, null, { padding: 'same-upper', stride: 2 }).toArray()).toEqual([[[210, 432, 54]]]);
  const even = tensor([[[1, 10]]], { dtype: 'float64' });
  expect(conv1d(x, even, null, { padding: 'same-upper', stride: 2 }).toArray()).toEqual([[[21, 43, 5]]]);
});

test('C3: of an odd total the one element more stands behind for same-upper, in front for same-lower', () => {
  const x = counting(1, 1, 5);
  const even = tensor([[[1, 10]]], { dtype: 'float64' });
  expect(conv1d(x, even, null, { padding: 'same-upper', stride: 2 }).toArray()).toEqual([[[21, 43, 5]]]);
  expect(conv1d(x, even, null, { padding: 'same-lower', stride: 2 }).toArray()).toEqual([[[10, 32, 54]]]);
});

test('C4: stride and dilation together, both gradients by hand', () => {
  // n = 5, k = 2, p = 1, s = 2, d = 2: windows read (−, x1), (x1, x3), (x3, −).
  const x = tensor([[[1, 2, 3, 4, 5]]]);
  const w = tensor([[[10, 1]]]);
  const options = { stride: 2, dilation: 2, padding: 1 };
  expect(conv1d(x, w, null, options).toArray()).toEqual([[[2, 24, 40]]]);
  const [dx, dw] = gradients(tensor([[[1, 2, 3]]]), options, x, w);
  expect(dx.toArray()).toEqual([[[0, 21, 0, 32, 0]]]);
  expect(dw.toArray()).toEqual([[[2 * 2 + 4 * 3, 2 * 1 + 4 * 2]]]);
});

test('C5: depthwise weight gradient of ones', () => {
  const x = ones([1, 24, 6, 6]);
  const options = { stride: 2, padding: 1, groups: 24 };
  const [, dw] = gradients(ones([1, 24, 3, 3]), options, x, ones([24, 1, 3, 3]));
  const one = [
    [
      [4, 6, 6],
      [6, 9, 9],
      [6, 9, 9],
    ],
  ];
  expect(dw.toArray()).toEqual(Array.from({ length: 24 }, () => one));
});

test.each([
  ['groups in one dimension', [2, 6, 7], [4, 3, 3], { groups: 2, stride: 2, padding: 1 }],
  ['groups in two dimensions', [2, 6, 5, 4], [9, 2, 2, 3], { groups: 3, padding: 1 }],
  ['groups in three dimensions', [1, 3, 9, 9, 3], [6, 1, 2, 2, 2], { groups: 3, stride: [4, 4, 1] }],
] as const)('C6: %s: the groups are convolutions of their own', (_, xShape, wShape, options) => {
  const x = counting(...xShape);
  const w = counting(...wShape);
  const { groups, ...rest } = options as ConvOptions & { groups: number };
  const convolve = [conv1d, conv2d, conv3d][x.rank - 3];
  const y = convolve(x, w, null, options);
  const u = reshape(counting(y.size), y.shape);
  const [dx, dw] = gradients(u, options, x, w);
  for (let g = 0; g < groups; g++) {
    const [gx, gw, gu] = [part(x, 1, g, groups), part(w, 0, g, groups), part(u, 1, g, groups)];
    expect(part(y, 1, g, groups).toArray()).toEqual(convolve(gx, gw, null, rest).toArray());
    const [gdx, gdw] = gradients(gu, rest, gx, gw);
    expect(part(dx, 1, g, groups).toArray()).toEqual(gdx.toArray());
    expect(part(dw, 0, g, groups).toArray()).toEqual(gdw.toArray());
  }
});

/** The g-th of equal parts along an axis. */
function part(t: Tensor, axis: number, g: number, parts: number): Tensor {
  const data = t.dataSync();
  const inner = t.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const size = t.shape[axis] / parts;
  const kept = Array.from(data).filter((_, i) => Math.floor(i / inner / size) % parts === g);
  return tensor(Float64Array.from(kept), { shape: t.shape.map((n, a) => (a === axis ? size : n)) });
}

test('C7: what no window reads gets gradient 0, and the input keeps its size', () => {
  // (6 − 2 · 1 − 1) mod 2 = 1: the last element is never read.
  const [dx] = gradients(
    tensor([[[1, 1]]]),
    { stride: 2, dilation: 2 },
    tensor([[[1, 2, 3, 4, 5, 6]]]),
    tensor([[[1, 10]]]),
  );
  expect(dx.toArray()).toEqual([[[1, 0, 11, 0, 10, 0]]]);
});

test('C11: a kernel larger than the padded input is refused; dilation counts', () => {
  expect(() => conv2d(ones([1, 1, 2, 5]), ones([1, 1, 5, 3]), null, { padding: 1 })).toThrow(
    'conv2d: the kernel spans 5, but the padded input has 2 + 1 + 1 = 4 (axis 2). ' +
      'Use a smaller kernel or dilation, more padding, or a larger input.\n' +
      '  shapes: input [1, 1, 2, 5], weight [1, 1, 5, 3]',
  );
  expect(() => conv1d(ones([1, 1, 4]), ones([1, 1, 3]), null, { dilation: 2 })).toThrow(
    'the kernel spans 2 * (3 - 1) + 1 = 5',
  );
});

test('C12: a batch of 0 gives an empty output and a weight gradient of 0', () => {
  const x = zeros([0, 2, 5, 5]);
  const w = ones([3, 2, 3, 3]);
  expect(conv2d(x, w, ones([3])).shape).toEqual([0, 3, 3, 3]);
  const [dx, dw] = gradients(zeros([0, 3, 3, 3]), {}, x, w);
  expect(dx.shape).toEqual([0, 2, 5, 5]);
  expect(dw.toArray()).toEqual(zeros([3, 2, 3, 3]).toArray());
});

test('C14: nothing is square: sides, kernel, stride, dilation and padding differ by axis', () => {
  const x = counting(1, 1, 4, 7);
  const w = tensor(
    [
      [
        [
          [1, 10, 100],
          [1000, 10000, 100000],
        ],
      ],
    ],
    { dtype: 'float64' },
  );
  const options = {
    stride: [1, 3],
    dilation: [2, 1],
    padding: [
      [1, 0],
      [0, 2],
    ],
  } as const;
  const y = conv2d(x, w, null, options);
  expect(y.shape).toEqual([1, 1, 3, 3]);
  // Rows −1 and 1, 0 and 2, 1 and 3; columns 0–2, 3–5, 6–8.
  const at = (r: number, c: number): number => (r < 0 || r > 3 || c > 6 ? 0 : r * 7 + c + 1);
  const expected = [0, 1, 2].map((i) =>
    [0, 3, 6].map((c) =>
      [0, 1, 2].reduce((total, l) => total + at(i - 1, c + l) * 10 ** l + at(i + 1, c + l) * 10 ** (l + 3), 0),
    ),
  );
  expect(y.toArray()).toEqual([[expected]]);
});

test('C15: the bias gradient is the upstream summed over batch and space', () => {
  const x = counting(2, 1, 3, 3);
  const w = counting(2, 1, 2, 2);
  const up = counting(2, 2, 2, 2);
  const [, , db] = vjp((a: Tensor, k: Tensor, b: Tensor) => conv2d(a, k, b), x, w, zeros([2], 'float64')).pullback(up);
  expect(db.toArray()).toEqual([1 + 2 + 3 + 4 + 9 + 10 + 11 + 12, 5 + 6 + 7 + 8 + 13 + 14 + 15 + 16]);
});

test('C15: an impulse gives the kernel back turned by 180°, and a delta kernel gives the input', () => {
  const impulse = tensor(
    [
      [
        [
          [0, 0, 0],
          [0, 1, 0],
          [0, 0, 0],
        ],
      ],
    ],
    { dtype: 'float64' },
  );
  // A cross-correlation: the kernel is not flipped, so its image is.
  expect(conv2d(impulse, counting(1, 1, 3, 3), null, { padding: 1 }).toArray()).toEqual([
    [
      [
        [9, 8, 7],
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
  ]);
  const x = counting(1, 1, 3, 3);
  expect(conv2d(x, impulse, null, { padding: 1 }).toArray()).toEqual(x.toArray());
});

test('one image without a batch axis gives one result without it', () => {
  const x = counting(2, 5, 5);
  const w = counting(3, 2, 3, 3);
  const y = conv2d(x, w);
  expect(y.shape).toEqual([3, 3, 3]);
  expect(y.toArray()).toEqual(reshape(conv2d(reshape(x, [1, 2, 5, 5]), w), [3, 3, 3]).toArray());
});

test('float32 sums are rounded once', () => {
  // Term by term in float32, 2^24 + 1 + 1 would stay 2^24.
  const x = tensor([[[2 ** 24, 1, 1]]]);
  expect(conv1d(x, ones([1, 1, 3])).item()).toBe(2 ** 24 + 2);
});

test('gradients of gradients', () => {
  const x = counting(1, 1, 3);
  const w = tensor([[[2, 3]]], { dtype: 'float64' });
  // f(w) = Σ (x ∗ w)², ∂²f/∂w² along w itself is 2f / … : f is quadratic, so ⟨∇f(w), w⟩ = 2 f(w).
  const f = (k: Tensor): Tensor => sum(mul(conv1d(x, k), conv1d(x, k)));
  const { value } = valueAndGrad(f)(w);
  const directional = (k: Tensor): Tensor => sum(mul(valueAndGrad(f)(k).grads, w));
  const second = valueAndGrad(directional)(w);
  expect(second.value.item()).toBeCloseTo(2 * value.item(), 9);
  // The Hessian is constant: H w = ∇f(w).
  const hessian = second.grads.dataSync();
  expect(Array.from(hessian)).toEqual(Array.from(valueAndGrad(f)(w).grads.dataSync()));
});

test('refusals name what to change', () => {
  const x = ones([1, 3, 5, 5]);
  expect(() => conv2d(x, ones([2, 3, 3, 3]), { stride: 2 } as never)).toThrow(
    'conv2d: bias is a tensor or null, received an object; options come behind it',
  );
  expect(() => conv2d(x, ones([2, 2, 3, 3]))).toThrow(
    'conv2d: the weight reads 2 channels a group, but the input has 3 / 1 = 3 (axis 1). ' +
      'Use a weight of [O, 3, ...kernel], or set groups.',
  );
  expect(() => conv2d(x, ones([4, 1, 3, 3]), null, { groups: 3 })).toThrow(
    'conv2d: groups 3 must divide the 4 filters (weight axis 0).',
  );
  expect(() => conv2d(x, ones([2, 3, 3, 3]), ones([3]))).toThrow(
    'bias must have one element for each of the 2 output channels',
  );
  expect(() => conv2d(x, ones([2, 3, 3]))).toThrow(ShapeError);
  expect(() => conv2d(x, ones([2, 3, 3, 3], 'float64'))).toThrow(
    "conv2d: x, weight must be all float32, or all float64 (received ['float32', 'float64']). Convert with cast.",
  );
  expect(() => conv2d(ones([1, 3, 5, 5], 'int32'), ones([2, 3, 3, 3], 'int32'))).toThrow(
    'must be all float32, or all float64',
  );
  expect(() => conv2d(x, ones([2, 3, 3, 3]), null, { pading: 1 } as never)).toThrow(OptionError);
  expect(() => conv2d(x, ones([2, 3, 3, 3]), null, { pading: 1 } as never)).toThrow(
    "unknown option 'pading'; did you mean 'padding'?",
  );
  expect(() => conv2d(x, ones([2, 3, 3, 3]), null, { paddingMode: 'mirror' as never })).toThrow(
    "conv2d: paddingMode must be 'zeros', 'reflect', 'replicate' or 'circular', received 'mirror'",
  );
  expect(() => conv2d(x, ones([2, 3, 3, 3]), null, { padding: 'full' as never })).toThrow(ShapeError);
});

test('the gradient ops refuse what no convolution gives', () => {
  const attrs = { stride: [2], dilation: [1], padding: [[0, 0]] as const, groups: 1 };
  expect(() => inputGradient(ones([1, 1, 3]), ones([1, 1, 2]), attrs, [8])).toThrow(
    'convolutionInputGradient: a convolution of x [1, 1, 8] with w [1, 1, 2] has the shape of y (received [1, 1, 3], expected [1, 1, 4]).',
  );
  expect(() => weightGradient(ones([1, 1, 8]), ones([1, 1, 3]), attrs, [2])).toThrow('convolutionWeightGradient');
  expect(convolution(ones([1, 1, 8]), ones([1, 1, 2]), attrs).shape).toEqual([1, 1, 4]);
});

test('products are counted: without padding the sum of the output of ones, whichever slot is open', () => {
  const attrs = {
    stride: [2, 1],
    dilation: [1, 2],
    padding: [
      [0, 0],
      [0, 0],
    ] as const,
    groups: 2,
  };
  const [x, w] = [ones([3, 4, 5, 6]), ones([6, 2, 3, 2])];
  const y = convolution(x, w, attrs as never);
  const products = sum(y).item();
  const [xs, ws, ys] = [x.spec, w.spec, y.spec];
  expect(Convolution.multiplyAdds!(attrs as never, [xs, ws], [ys])).toBe(products);
  expect(ConvolutionInputGradient.multiplyAdds!({ ...attrs, size: [5, 6] } as never, [ys, ws], [xs])).toBe(products);
  expect(ConvolutionWeightGradient.multiplyAdds!({ ...attrs, size: [3, 2] } as never, [xs, ys], [ws])).toBe(products);
});

import { vjp } from '@lemmata/autograd';
import { logSoftmax, ones, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  bce,
  bceWithLogits,
  crossEntropy,
  dice,
  gaussianNll,
  hinge,
  huber,
  kl,
  l1,
  mse,
  nll,
  smoothL1,
} from './index.js';

const of = (values: readonly any[]): Tensor => tensor(values as any, { dtype: 'float64' });
const classes = (...numbers: number[]): Tensor => tensor(numbers, { dtype: 'int32' });
const flat = (t: Tensor): number[] => Array.from(t.dataSync());
/** The value of a loss, and its gradients by all inputs for an upstream of ones. */
function look(f: (...inputs: any[]) => Tensor, ...inputs: Tensor[]): { value: number[]; gradients: number[][] } {
  const { value, pullback } = vjp(f, ...inputs);
  return { value: flat(value), gradients: (pullback(ones(value.shape, value.dtype)) as unknown as Tensor[]).map(flat) };
}
/** The same numbers, to twelve places. */
const close = (values: readonly number[]): unknown[] => values.map((v) => expect.closeTo(v, 12));

const logits = of([
  [1, 2, 3],
  [0.5, -1, 2],
  [0, 0, 1],
]);
const weight = of([1, 2, 4]);

describe('cross-entropy', () => {
  test('L1: smoothing, ignored samples and weights together, as PyTorch 2.13 computes them', () => {
    const { value, gradients } = look(
      (x) => crossEntropy(x, classes(2, -100, 0), { weight, labelSmoothing: 0.1 }),
      logits,
    );
    expect(value).toEqual(close([0.6641587078986233]));
    expect(gradients[0]).toEqual(
      close([
        0.062356772763958325, 0.1742918278086782, -0.2366486005726366, 0, 0, 0, -0.13862658027346061,
        0.0347067530598727, 0.10391982721358793,
      ]),
    );
  });

  test('L1: a negative ignoreIndex never indexes the weights', () => {
    for (const ignoreIndex of [-1, -3, -100]) {
      const value = (loss: typeof nll): number =>
        loss(logits, classes(2, ignoreIndex, 0), { weight, ignoreIndex }).item();
      expect(value(crossEntropy)).toBeCloseTo(
        value((x, t, o) => nll(logSoftmax(x, 1), t, o)),
        12,
      );
      expect(value(nll)).toBeCloseTo(-(4 * 3 + 1 * 0) / 5, 12);
    }
  });

  test('L2: of ignored targets alone the mean is 0/0, and the gradient 0', () => {
    for (const loss of [crossEntropy, nll]) {
      const { value, gradients } = look((x) => loss(x, classes(-100, -100, -100)), logits);
      expect(value).toEqual([NaN]);
      expect(gradients[0].map(Math.abs)).toEqual(Array.from({ length: 9 }, () => 0));
      expect(loss(logits, classes(-100, -100, -100), { reduction: 'sum' }).item()).toBeCloseTo(0, 15);
      expect(loss(ones([0, 3]), classes()).item()).toBeNaN();
    }
  });

  test('L2: a target that is no class is refused, by number and sample', () => {
    for (const [name, loss] of [
      ['crossEntropy', crossEntropy],
      ['nll', nll],
    ] as const) {
      expect(() => loss(logits, classes(0, 3, 1))).toThrow(
        `${name}: target 3 of sample 1 is not a class; there are 3, counted from 0 (ignoreIndex is -100)`,
      );
      expect(() => loss(logits, classes(0, 1, -1))).toThrow('target -1 of sample 2 is not a class');
      expect(() => loss(logits, classes(0, 1, -100), { ignoreIndex: 5 })).toThrow(
        'target -100 of sample 2 is not a class; there are 3, counted from 0 (ignoreIndex is 5)',
      );
      expect(() =>
        loss(
          ones([2, 3, 2, 2]),
          tensor(
            [
              [
                [0, 0],
                [0, 0],
              ],
              [
                [0, 0],
                [0, 7],
              ],
            ],
            { dtype: 'int32' },
          ),
        ),
      ).toThrow('target 7 of sample 1');
    }
  });

  test('L3: the weighted mean divides by the weights of the targets', () => {
    expect(crossEntropy(logits, classes(2, 1, 0), { weight }).item()).toBeCloseTo(1.3806415950034125, 12);
    const each = flat(crossEntropy(logits, classes(2, 1, 0), { reduction: 'none' }));
    expect(crossEntropy(logits, classes(2, 1, 0), { weight }).item()).toBeCloseTo(
      (4 * each[0] + 2 * each[1] + each[2]) / 7,
      12,
    );
  });

  test('L3: probabilities that are 0 and 1 agree with class numbers', () => {
    const hot = of([
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    for (const options of [
      {},
      { labelSmoothing: 0.1 },
      { weight, reduction: 'sum' as const },
      { weight, labelSmoothing: 0.3, reduction: 'none' as const },
    ]) {
      expect(flat(crossEntropy(logits, hot, options))).toEqual(
        close(flat(crossEntropy(logits, classes(2, 1, 0), options))),
      );
    }
  });

  test('it is nll of log-softmax', () => {
    const targets = tensor(
      [
        [
          [0, 1],
          [2, -100],
        ],
      ],
      { dtype: 'int32' },
    );
    const x = of([
      [
        [
          [1, 2],
          [3, -1],
        ],
        [
          [0, 4],
          [-2, 1],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ]);
    for (const options of [{}, { weight }, { reduction: 'none' as const }]) {
      const [a, b] = [
        look((z) => crossEntropy(z, targets, options), x),
        look((z) => nll(logSoftmax(z, 1), targets, options), x),
      ];
      expect(a.value).toEqual(close(b.value));
      expect(a.gradients[0]).toEqual(close(b.gradients[0]));
    }
  });

  test('equal logits cost ln C, and the gradient is (p − q) / N', () => {
    const { value, gradients } = look(
      (x) => crossEntropy(x, classes(3, 0)),
      of([
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]),
    );
    expect(value).toEqual(close([Math.log(4)]));
    expect(gradients[0]).toEqual(close([0.125, 0.125, 0.125, -0.375, -0.375, 0.125, 0.125, 0.125]));
  });

  test('L4: large logits neither overflow nor lose the loss', () => {
    const { value, gradients } = look(
      (x) => crossEntropy(x, classes(0, 1), { reduction: 'none' }),
      of([
        [1000, -1000],
        [1000, -1000],
      ]),
    );
    expect(value).toEqual([0, 2000]);
    expect(gradients[0]).toEqual(close([0, 0, 1, -1]));
  });

  test('a class at −∞ that is not the target takes no part', () => {
    const { value, gradients } = look((x) => crossEntropy(x, classes(0)), of([[0, 0, -Infinity]]));
    expect(value).toEqual(close([Math.log(2)]));
    expect(gradients[0]).toEqual(close([-0.5, 0.5, 0]));
    expect(crossEntropy(of([[0, 0, -Infinity]]), classes(2)).item()).toBe(Infinity);
    expect(nll(of([[0, -Infinity]]), classes(0)).item()).toBeCloseTo(0, 15);
    expect(look((x) => nll(x, classes(0)), of([[0, -Infinity]])).gradients[0].map(Math.abs)).toEqual([1, 0]);
  });

  test('an ignored sample with NaN does not poison the others', () => {
    const { value, gradients } = look(
      (x) => crossEntropy(x, classes(0, -100)),
      of([
        [0, 0],
        [NaN, 1],
      ]),
    );
    expect(value).toEqual(close([Math.log(2)]));
    expect(gradients[0]).toEqual(close([-0.5, 0.5, 0, 0]));
  });

  test('float32 logits keep their dtype with float64 weights', () => {
    expect(crossEntropy(tensor([[1, 2, 3]]), classes(0), { weight }).dtype).toBe('float32');
    expect(nll(tensor([[1, 2, 3]]), classes(0), { weight }).dtype).toBe('float32');
  });
});

describe('binary cross-entropy', () => {
  test('L4: of certain probabilities the logarithm is cut at −100, and the gradient at 10¹²', () => {
    const { value, gradients } = look((p, t) => bce(p, t, { reduction: 'none' }), of([0, 1, 0, 1]), of([1, 0, 0, 1]));
    expect(value.map(Math.abs)).toEqual([100, 100, 0, 0]);
    expect(gradients[0].map((v) => v + 0)).toEqual([-1e12, 1e12, 0, 0]);
    expect(gradients[1]).toEqual([Infinity, -Infinity, Infinity, -Infinity]);
  });

  test('what is no probability is refused', () => {
    expect(() => bce(of([0.5, 1.5]), of([0, 1]))).toThrow(
      'bce: the input holds probabilities, from 0 to 1; received 1.5 at element 1. For logits take bceWithLogits',
    );
    expect(() => bce(of([-0.1]), of([0]))).toThrow('received -0.1 at element 0');
    expect(bce(of([NaN]), of([0])).item()).toBeNaN();
  });

  test('L4: logits of ±100 cost what their logarithms say', () => {
    const { value, gradients } = look(
      (x, t) => bceWithLogits(x, t, { reduction: 'none' }),
      of([100, -100, 100, -100]),
      of([1, 1, 0, 0]),
    );
    [Math.exp(-100), 100, 100, Math.exp(-100)].forEach((expected, i) => expect(value[i] / expected).toBeCloseTo(1, 12));
    expect(gradients[0]).toEqual(close([0, -1, 1, 0]));
  });

  test('L4: weights for rows and positive weights for columns broadcast', () => {
    const [x, t] = [
      of([
        [1, -2],
        [0.5, 3],
      ]),
      of([
        [1, 1],
        [0, 1],
      ]),
    ];
    const plain = flat(bceWithLogits(x, t, { reduction: 'none' }));
    const both = bceWithLogits(x, t, { weight: of([[2], [5]]), posWeight: of([3, 7]), reduction: 'none' });
    expect(flat(both)).toEqual(close([2 * 3 * plain[0], 2 * 7 * plain[1], 5 * plain[2], 5 * 7 * plain[3]]));
    const p = of([
      [0.2, 0.4],
      [0.6, 0.8],
    ]);
    const rows = flat(bce(p, t, { weight: of([[2], [5]]), reduction: 'none' }));
    expect(rows).toEqual(close(flat(bce(p, t, { reduction: 'none' })).map((v, k) => (k < 2 ? 2 : 5) * v)));
  });

  test('L4: posWeight counts targets of 1 so many times', () => {
    const values = (posWeight: number): number[] =>
      flat(bceWithLogits(of([[0.5, 0.5]]), of([[1, 0]]), { posWeight: of([posWeight]), reduction: 'none' }));
    expect(values(3)).toEqual(close([3 * values(1)[0], values(1)[1]]));
  });
});

describe('the others', () => {
  test('L5: a target probability of 0 costs nothing, whatever the input', () => {
    const { value, gradients } = look(
      (x, t) => kl(x, t, { reduction: 'none' }),
      of([-1, -Infinity, -2]),
      of([0, 0, 1]),
    );
    expect(value.map((v) => v + 0)).toEqual([0, 0, 2]);
    expect(gradients[0].map((v) => v + 0)).toEqual([0, 0, -1]);
    // t ln t has no derivative at 0: NaN, as in PyTorch, or 0 if it is asked for.
    expect(gradients[1]).toEqual([NaN, NaN, 3]);
    const stays = look(
      (x, t) => kl(x, t, { reduction: 'none', gradientAtZero: 'zero' }),
      of([-1, -Infinity, -2]),
      of([0, 0, 1]),
    );
    expect(stays.gradients[1]).toEqual([0, 0, 3]);
    expect(() => kl(of([1]), of([1]), { gradientAtZero: 'limit' as never })).toThrow(
      "kl: gradientAtZero is 'nan' or 'zero', received 'limit'",
    );
  });

  test('L5: batchmean is the divergence of a batch; the mean divides by all elements', () => {
    const [x, t] = [
      of([
        [-1, -0.5],
        [-0.3, -2],
      ]),
      of([
        [0.4, 0.6],
        [0.9, 0.1],
      ]),
    ];
    const total = kl(x, t, { reduction: 'sum' }).item();
    expect(kl(x, t, { reduction: 'batchmean' }).item()).toBeCloseTo(total / 2, 14);
    expect(kl(x, t).item()).toBeCloseTo(total / 4, 14);
    expect(kl(logSoftmax(of([[1, 2]])), logSoftmax(of([[1, 2]])), { logTarget: true }).item()).toBe(0);
  });

  test('L5: the mean of nothing is NaN, its sum 0', () => {
    for (const loss of [mse, l1, huber, smoothL1, hinge, kl, bce, bceWithLogits]) {
      expect(loss(ones([0, 2]), ones([0, 2])).item()).toBeNaN();
      expect(loss(ones([0, 2]), ones([0, 2]), { reduction: 'sum' }).item()).toBe(0);
    }
  });

  test('L6: smooth L1 and Huber at |d| = β, at 0, and without a parabola', () => {
    const zero = of([0, 0, 0, 0]);
    const smooth = look((x) => smoothL1(x, zero, { beta: 0.5, reduction: 'none' }), of([0.5, -0.5, 0, 2]));
    expect(smooth.value).toEqual(close([0.25, 0.25, 0, 1.75]));
    expect(smooth.gradients[0]).toEqual(close([1, -1, 0, 1]));
    const hub = look((x) => huber(x, zero, { delta: 0.5, reduction: 'none' }), of([0.5, -0.5, 0, 2]));
    expect(hub.value).toEqual(close([0.125, 0.125, 0, 0.875]));
    expect(hub.gradients[0]).toEqual(close([0.5, -0.5, 0, 0.5]));
    const sharp = look((x) => smoothL1(x, zero, { beta: 0, reduction: 'none' }), of([0.5, -0.5, 0, 2]));
    expect(sharp.value).toEqual([0.5, 0.5, 0, 2]);
    expect(sharp.gradients[0]).toEqual([1, -1, 0, 1]);
  });

  test('L6: l1 where both are equal has the gradient 0; hinge at its margin, too', () => {
    expect(look((x) => l1(x, of([1, 2])), of([1, 5])).gradients[0]).toEqual([0, 0.5]);
    const { value, gradients } = look((x) => hinge(x, of([1, 1, -1]), { reduction: 'none' }), of([1, 0, 0.5]));
    expect(value).toEqual([0, 1, 1.5]);
    expect(gradients[0].map((v) => v + 0)).toEqual([0, -1, 1]);
  });

  test('a variance below eps counts as eps, and can still grow', () => {
    const { value, gradients } = look((x, v) => gaussianNll(x, of([2.001]), v), of([2]), of([1e-9]));
    expect(value).toEqual(close([0.5 * (Math.log(1e-6) + 1)]));
    expect(gradients[0][0] / -1000).toBeCloseTo(1, 9);
    // ½ (1/v − d²/v²) at v = eps, d² = eps: small, against 10⁶/2 for the first term alone.
    expect(Math.abs(gradients[1][0])).toBeLessThan(1e-3);
    expect(look((v) => gaussianNll(of([2]), of([3]), v), of([1e-9])).gradients[0][0]).toBeLessThan(-1e11);
    expect(() => gaussianNll(of([1, 1]), of([1, 1]), of([1, -1]))).toThrow(
      'gaussianNll: variances are not negative, received -1 at element 1',
    );
  });

  test('dice: a perfect mask costs 0, an empty one that is found empty as well', () => {
    const mask = of([
      [
        [1, 0, 1, 0],
        [0, 0, 0, 0],
      ],
    ]);
    expect(flat(dice(mask, mask, { reduction: 'none' }))).toEqual([0, 0]);
    expect(
      flat(
        dice(
          of([
            [
              [0, 1, 0, 1],
              [0, 0, 0, 1],
            ],
          ]),
          mask,
          { smooth: 0, reduction: 'none' },
        ),
      ),
    ).toEqual([1, 1]);
    expect(dice(mask, mask, { smooth: 0, reduction: 'sum' }).item()).toBeNaN();
  });
});

import {
  AllFinite,
  amax,
  amin,
  apply,
  bernoulli,
  concat,
  Embed,
  foldIn,
  IndexAdd,
  IndexSelect,
  key,
  logSoftmax,
  matmul,
  permute,
  randomBits,
  randomUniform,
  reshape,
  softmax,
  split,
  splitKey,
  sum,
  tensor,
  type Tensor,
} from '@lemmata/tensor';
import { filled, kernelLaws, type KernelLaws, type KernelSample } from '../planted.laws.js';
import { coreKernels } from './index.js';
import { DIVISION, products } from './products.laws.js';

const waves = (shape: readonly number[], seed: number): Tensor =>
  filled(shape, (i) => 4 * Math.sin(i * 12.9898 + seed));
type Compute = KernelSample['compute'];
const exact = (inputs: readonly Tensor[], compute: Compute): KernelSample => ({ inputs, compute });
/** Sums and exponentials in another order and by other means than those of the reference. */
const close = (inputs: readonly Tensor[], compute: Compute): KernelSample => ({ inputs, compute, bound: 1e-5 });

const product: Compute = (a, b) => [matmul(a, b)];

type Reduction = typeof sum;
const reductions = (reduce: Reduction): KernelSample[] => [
  close([waves([6, 5, 23], 3)], (x) => [0, 1, 2].map((axis) => reduce(x, { axis }))),
  close([waves([6, 5, 23], 4)], (x) => [
    reduce(x),
    reduce(x, { axis: [0, 2] }),
    reduce(x, { axis: [1, 2] }),
    reduce(permute(x, [2, 0, 1]), { axis: 1 }),
  ]),
  exact(
    [
      tensor(
        [
          [3, -1, 4],
          [1, -5, 9],
        ],
        { dtype: 'int32' },
      ),
    ],
    (x) => [reduce(x, { axis: 0 }), reduce(x, { axis: 1 })],
  ),
];

const shares = (share: typeof softmax): KernelSample[] => [
  close([waves([5, 77], 1)], (x) => [share(x)]),
  close([waves([3, 9, 7], 2)], (x) => [share(x, 1), share(x, 0)]),
  close([waves([4, 3, 5], 12)], (x) => [share(permute(x, [2, 0, 1]))]),
];

const positions = tensor([4, 0, 2, 2], { dtype: 'int32' });
const bad = waves([3, 41], 9).dataSync();
bad[122] = NaN;
const finite: Compute = (x) => apply(AllFinite, {}, [x]);

/** Random ones have a key of their own, so that all bits are the same. */
const samples: Readonly<Record<string, readonly KernelSample[]>> = {
  matmul: products.map((operands) => exact(operands, product)),
  sum: reductions(sum),
  amax: reductions(amax),
  amin: reductions(amin),
  softmax: shares(softmax),
  logSoftmax: shares(logSoftmax),
  concat: [
    exact([waves([2, 3, 5], 5), waves([2, 4, 5], 6)], (a, b) => [concat([a, b], 1)]),
    // Neighbours in a row lie apart.
    exact([waves([4, 3, 5], 13)], (x) => [concat([permute(x, [2, 1, 0]), permute(x, [2, 1, 0])], 1)]),
  ],
  split: [
    exact([waves([2, 4, 5], 6)], (x) => split(x, [1, 3], 1)),
    exact([waves([4, 3, 5], 13)], (x) => split(permute(x, [2, 0, 1]), [1, 3], 1)),
  ],
  embed: [exact([waves([2, 6], 10)], (x) => apply(Embed, { shape: [3, 14], starts: [1, 2], steps: [1, 2] }, [x]))],
  reshape: [exact([waves([4, 3, 5], 14)], (x) => [reshape(permute(x, [2, 0, 1]), [10, 6])])],
  indexSelect: [exact([waves([3, 5, 4], 7), positions], (x, at) => apply(IndexSelect, { axis: 1 }, [x, at]))],
  indexAdd: [2, 7].map((block) =>
    exact([waves([3, 4, block], 8), positions], (y, at) => apply(IndexAdd, { axis: 1, size: 5 }, [y, at])),
  ),
  randomBits: [exact([key(7)], (k) => [randomBits(k, [37])])],
  bernoulli: [exact([key(7)], (k) => [bernoulli(k, 0.3, [37])])],
  splitKey: [exact([key(7)], (k) => splitKey(k, 3))],
  foldIn: [exact([key(7)], (k) => [foldIn(k, 5), foldIn(k, 3 * 2 ** 40 + 1)])],
  randomUniform: [exact([key(7)], (k) => [randomUniform(k, [37])])],
  allFinite: [exact([waves([3, 41], 11)], finite), exact([tensor(bad, { shape: [3, 41] })], finite)],
};

const OUTERMOST = 'the outermost of several sizes: the range says where it ends';
const harmless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  matmul: DIVISION,
  sum: { 'reduce: kept0 one too large': OUTERMOST },
  amax: { 'reduce: kept0 one too large': OUTERMOST },
  amin: { 'reduce: kept0 one too large': OUTERMOST },
  concat: { 'place: size0 one too large': OUTERMOST },
  embed: { 'place: size0 one too large': OUTERMOST },
  split: { 'elementwise: size0 one too large': OUTERMOST },
  reshape: { 'elementwise: size0 one too large': OUTERMOST },
  bernoulli: { 'bernoulli: last one too large': 'the last bit of a probability: of 2²⁴ numbers one' },
};

/** Of the kernels of each core op. */
export const laws: readonly KernelLaws[] = [...new Set(coreKernels.map(({ op }) => op))].map((op) =>
  kernelLaws(
    coreKernels.filter((kernel) => kernel.op === op),
    samples[op.name] ?? [],
    harmless[op.name],
  ),
);

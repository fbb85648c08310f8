import { integers, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import { apply, type Tensor } from '@lemmata/tensor';
import { slidings } from '../wasm/samples.laws.js';
import { AveragePool, AveragePoolGradient } from './op.js';
import { averagePoolKernels } from './wasm.js';

/** Of each divisor: the elements that a window has, those with the padding, and a number of more digits than float32 has. */
const divisors = [
  { countIncludePad: false, divisor: null },
  { countIncludePad: true, divisor: null },
  { countIncludePad: false, divisor: 3 + 2 ** -25 },
];
/** All of them with windows that overhang, and one with elements that no window reads. */
const all = [...slidings.map((each) => ({ ...each, ceil: true })), { ...slidings[0]!, ceil: false }];
const averaged = all.flatMap(({ shape, ...sliding }, i) =>
  divisors.map((by) => {
    const attrs = { ...sliding, ...by };
    const x = integers(shape, i);
    return { x, attrs, y: integers(apply(AveragePool, attrs, [x])[0]!.shape, i + 1), size: shape.slice(2) };
  }),
);

const LAST_DIGITS = 'the last bit of a divisor that is given as the sum of two float32';
const [averagePool, gradient] = averagePoolKernels;

export const laws: readonly KernelLaws[] = [
  kernelLaws(
    [averagePool!],
    // Sums of integers are exact, and rounded once when they are divided.
    averaged.map(({ x, attrs }) => ({ inputs: [x], compute: (t): Tensor[] => apply(AveragePool, attrs, [t!]) })),
    { 'averagePool: divisorLow': LAST_DIGITS },
  ),
  kernelLaws(
    [gradient!],
    // Up to 9 shares of at most 7 are added in float32.
    averaged.map(({ y, attrs, size }) => ({
      inputs: [y],
      compute: (t): Tensor[] => apply(AveragePoolGradient, { ...attrs, size }, [t!]),
      bound: 9 * 9 * 7 * 2 ** -24,
    })),
    { 'averagePool.gradient: divisorHigh': LAST_DIGITS, 'averagePool.gradient: divisorLow': LAST_DIGITS },
  ),
];

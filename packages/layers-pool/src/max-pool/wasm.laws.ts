import { integers, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import { apply, type Tensor } from '@lemmata/tensor';
import { slidings } from '../wasm/samples.laws.js';
import { MaxPool, Pick, Unpool } from './op.js';
import { maxPoolKernels } from './wasm.js';

const attrsOf = slidings.map(({ shape, ...sliding }) => ({ shape, attrs: { ...sliding, ceil: true } }));
const pooled = attrsOf.map(({ shape, attrs }, i) => {
  const x = integers(shape, i);
  const [y, indices] = apply(MaxPool, attrs, [x]) as [Tensor, Tensor];
  return { x, attrs, y, indices, size: shape.slice(2) };
});

const [maxPool, unpool, pick] = maxPoolKernels;

/** Exact: small integers, of which some are equal, and sums of few of them. */
export const laws: readonly KernelLaws[] = [
  kernelLaws(
    [maxPool!],
    pooled.map(({ x, attrs }) => ({ inputs: [x], compute: (t) => apply(MaxPool, attrs, [t!]) })),
  ),
  kernelLaws(
    [unpool!],
    pooled.map(({ y, indices, size }) => ({
      inputs: [y, indices],
      compute: (t, at) => apply(Unpool, { size }, [t!, at!]),
    })),
  ),
  kernelLaws(
    [pick!],
    pooled.map(({ x, indices }) => ({ inputs: [x, indices], compute: (t, at) => apply(Pick, {}, [t!, at!]) })),
  ),
];

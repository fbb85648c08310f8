import { kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import { samplesOf } from '../wasm/samples.laws.js';
import { averagePoolKernels } from './wasm.js';

const LAST_BIT = 'what is divided by, by 2⁻⁴⁸ of itself at most';
const [average, gradient] = averagePoolKernels;

export const laws: readonly KernelLaws[] = [
  kernelLaws([average], samplesOf(average.op), { 'averagePool: divisorLow one too large': LAST_BIT }),
  kernelLaws([gradient], samplesOf(gradient.op), {
    'averagePool.gradient: divisorLow one too large': LAST_BIT,
    'averagePool.gradient: the first f64.add exchanged': LAST_BIT,
  }),
];

import { kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import { samplesOf } from '../wasm/samples.laws.js';
import { maxPoolKernels } from './wasm.js';

export const laws: readonly KernelLaws[] = maxPoolKernels.map((kernel) => kernelLaws([kernel], samplesOf(kernel.op)));

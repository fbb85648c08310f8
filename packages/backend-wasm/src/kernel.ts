import type { Kernel } from '@lemmata/tensor';
import type { Stage } from './code.js';
import type { Placed } from './placed.js';

/** The memory of one run of an op. */
export interface KernelCall {
  readonly inputs: readonly Placed[];
  /** Packed. */
  readonly outputs: readonly Placed[];
  /** Address of the working memory that the kernel asked for, aligned to 64 bytes. */
  readonly scratch: number;
}

/** A kernel as stages that run one after the other, each on all threads. */
export interface WasmKernel<A = any> extends Kernel<A> {
  stages(attrs: A, call: KernelCall): readonly Stage[];
}

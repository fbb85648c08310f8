import type { Kernel, ScalarExpr, Spec } from '@lemmata/tensor';
import type { Stage } from './code.js';
import type { ElementwiseProgram } from './elementwise/kernel.js';
import type { Placed } from './placed.js';

/** The memory of one run of an op. */
export interface KernelCall {
  readonly inputs: readonly Placed[];
  /** Packed. */
  readonly outputs: readonly Placed[];
  /** Address of the working memory that the kernel asked for, aligned to 64 bytes. */
  readonly scratch: number;
  /** Address of the memory for what it keeps. */
  readonly kept: number;
}

/** What a kernel makes of some inputs alone, by stages that are marked with `once`. */
export interface Keeps {
  /** The numbers of these inputs; no other stage reads them. */
  readonly of: readonly number[];
  readonly bytes: number;
}

/** A kernel as stages that run one after the other, each on all threads. */
export interface WasmKernel<A = any> extends Kernel<A> {
  stages(attrs: A, call: KernelCall): readonly Stage[];
  scratch?(attrs: A, inputs: readonly Placed[]): number;
  /** What it keeps where these inputs stay the same from run to run: packed weights. Default: nothing. */
  keeps?(attrs: A, inputs: readonly Placed[]): Keeps;
  /** Takes the elementwise expression that makes its one input: `prologue` of `OpDef`. */
  readonly prologue?: Prologue<A>;
}

/** An op that evaluates an expression where it would read its value. */
export interface Prologue<A = any> {
  /** Whether it does, and whether that pays, for a value of this spec. */
  accepts(attrs: A, spec: Spec, expr: ScalarExpr): boolean;
  /**
   * The op on what `program` makes of `inputs`, with the bits that it has of that in a packed array. Null where the inputs are
   * views that it does not take: the array is made then.
   */
  stage(attrs: A, program: ElementwiseProgram, inputs: readonly Placed[], output: Placed): Stage | null;
}

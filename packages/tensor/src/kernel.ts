import type { OpDef } from './op.js';
import type { Spec } from './spec.js';

/**
 * What every backend's kernels have in common: they compute an op where they accept it, which they decide from specs
 * alone, so that tracing already knows whether a composite stays whole.
 */
export interface Kernel<A = any> {
  readonly op: OpDef<A>;
  /** Inputs may be any views. Otherwise they are packed first. */
  readonly strided?: true;
  /** Takes an elementwise expression to be applied to the first output while that is in the cache: `epilogue` of `OpDef`. */
  readonly epilogue?: true;
  accepts(attrs: A, inputs: readonly Spec[]): boolean;
  /** Bytes of working memory that a run needs. Default: none. */
  scratch?(attrs: A, inputs: readonly Spec[]): number;
}

import type * as fc from 'fast-check';
import type { Tensor } from '@lemmata/tensor';
import type { KnownFailure } from '../law.js';
import type { Bound, NdArray, OpSample } from '../sample.js';

/** What is searched: a function or layer as its users call it, from options and tensors to one or several tensors. */
export type SearchCall<A> = (attrs: A, ...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** Everything that may be asked of a function, and a program that shares nothing with it. */
export interface SearchSamples<A> {
  /**
   * The whole space of what is legal, drawn together: options, sizes, batches of 0 and 1. Small: a few thousand products a
   * call. Floats must lie away from kinks.
   */
  readonly samples: fc.Arbitrary<OpSample<A>>;
  /** The outputs, in float64, by plain loops. What they do with NaN and infinities is the rule that the function documents. */
  readonly oracle: (attrs: A, ...inputs: NdArray[]) => NdArray | readonly NdArray[];
  /**
   * The gradients of the float inputs that are not constant, from those of the float outputs, where they are no derivatives: rows
   * that are left out, means in place of sums. Default: finite differences of the oracle.
   */
  readonly gradient?: (attrs: A, upstream: readonly NdArray[], ...inputs: NdArray[]) => readonly NdArray[];
  /** Agreement in float64. Default: relative 1e-10, absolute 1e-10. */
  readonly bound?: Bound;
  /** Agreement of another backend in float32, or how it follows from the inputs. Default: relative 2e-5, absolute 2e-5. */
  readonly float32Bound?: Bound | ((attrs: A, ...inputs: NdArray[]) => Bound);
  /** Step of the finite differences of the oracle. Default 2⁻¹¹. */
  readonly step?: number | ((attrs: A) => number);
  /** How many outputs, from the first, pass gradients on. Default: all that are floats. */
  readonly gradientsOf?: number;
  /** Why floats may lie at kinks all the same: where differences at two steps disagree, a direction is left out. */
  readonly kinks?: string;
  /** Why gradients are not compared. */
  readonly notDifferentiable?: string;
  /** In how many inputs, from the first, NaN and infinities are planted. Default: all. */
  readonly specialInputs?: number;
  /** Which calls NaN and infinities are planted in. Default: all. */
  readonly takesSpecial?: (attrs: A) => boolean;
  /** What is said of values that are refused when they are read; null where they are not. */
  readonly refuses?: (attrs: A, ...inputs: NdArray[]) => RegExp | null;
  /** Why NaN and infinities are not planted. */
  readonly finiteOnly?: string;
  readonly known?: readonly KnownFailure[];
}

/** A backend on which a search is run too. */
export interface SearchBackend {
  readonly name: string;
  put(t: Tensor): Tensor;
}

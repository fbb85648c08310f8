import * as fc from 'fast-check';
import { sizeOf, type Shape } from '@lemmata/shape';
import type { DType, OpDef } from '@lemmata/tensor';
import type { KnownFailure } from './law.js';
import { literal } from './literal.js';
import { integers, truthValues, uniform, type Values } from './values.js';

/** An input of an op, up to its values. */
export interface InputSpec {
  readonly shape: Shape;
  /** `float` stands for float64 where gradients are compared and float32 where rounding is. */
  readonly dtype: 'float' | DType;
  readonly values: Values;
  /** Values for the laws that hold exactly: products and sums of them, as the op makes them, must be exact. */
  readonly exact: Values;
  /** The op passes it no gradient, on purpose. */
  readonly constant?: true;
}

/** One way to call an op. */
export interface OpSample<A> {
  readonly attrs: A;
  readonly inputs: readonly InputSpec[];
}

/** A call that must be refused. */
export interface InvalidSample<A> {
  readonly attrs: A;
  readonly inputs: readonly Pick<InputSpec, 'shape' | 'dtype'>[];
  /** What the message says. */
  readonly throws: RegExp;
}

/** A plain array of any rank, in row-major order: what an oracle reads and returns. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** A stated bound, and why it is what it is. */
export interface Bound {
  readonly relative: number;
  readonly absolute: number;
  readonly reason: string;
}

/** The reason of a bound of one's own, to stand in the words of a law. */
export const because = ({ reason }: { readonly reason?: string | undefined }): string =>
  reason === undefined ? '' : ` (${reason})`;

/** What an op's laws need to know about it beyond its definition. */
export interface OpSamples<A> {
  /** Calls that cover what the op can do. Floats must lie away from kinks. A list is covered in full. */
  readonly samples: readonly OpSample<A>[] | fc.Arbitrary<OpSample<A>>;
  /** Calls that it must refuse; an empty list says that it refuses nothing. */
  readonly invalid: readonly InvalidSample<A>[];
  /** Elementwise ops, required: the value at an index from the inputs there, written apart from the op. */
  readonly formula?: (attrs: A, ...x: number[]) => number;
  /** Any op: its outputs by a naive program that shares nothing with it. */
  readonly oracle?: (attrs: A, ...inputs: NdArray[]) => NdArray | readonly NdArray[];
  /** Agreement with formula or oracle in float64. Default: relative 1e-12, absolute 1e-12. */
  readonly oracleBound?: Bound;
  /** Agreement of float32 with float64 from the same inputs. Default: relative 2e-6, absolute 2e-6. */
  readonly float32Bound?: Bound;
  /** The exact laws with a tolerance, where the op rounds (a mean over three). */
  readonly linearBound?: Bound;
  /** Why the op has no gradient, though it maps floats to floats. */
  readonly notDifferentiable?: string;
  /** The message with which a second derivative is refused, for ops that are differentiable once. */
  readonly refusesSecondOrder?: RegExp;
  /** Why compiled = eager would notice nothing: a baked input must change results, and here none does. */
  readonly sameCompiled?: string;
  /** Step of the finite differences. Default 2⁻¹¹. */
  readonly step?: number;
  readonly known?: readonly KnownFailure[];
}

type Options = Partial<Pick<InputSpec, 'exact' | 'constant'>>;

/** A floating-point input. Values default to −2 … 2, exact ones to −4 … 4. */
export function floats(shape: Shape, values: Values = uniform(), options: Options = {}): InputSpec {
  return { shape, dtype: 'float', values, exact: integers(), ...options };
}

/** A float32 or float64 input, for ops that take just one of them. */
export function floatsOf(
  dtype: 'float32' | 'float64',
  shape: Shape,
  values: Values = uniform(),
  options: Options = {},
): InputSpec {
  return { shape, dtype, values, exact: integers(), ...options };
}

/** An integer input. Values default to −4 … 4. */
export function ints(shape: Shape, values: Values = integers()): InputSpec {
  return { shape, dtype: 'int32', values, exact: values };
}

/** An input of truth values. */
export function truths(shape: Shape): InputSpec {
  return { shape, dtype: 'bool', values: truthValues(), exact: truthValues() };
}

/** An input with its values. */
export interface CaseInput {
  readonly shape: Shape;
  readonly dtype: 'float' | DType;
  readonly values: readonly number[];
  readonly constant?: true;
}

/** A call of an op, as data. */
export interface OpCase<A = any> {
  readonly attrs: A;
  readonly inputs: readonly CaseInput[];
  /** Of what else is random: upstream gradients, directions. */
  readonly seed: number;
}

/** Where calls come from; one source for each sample on a list. */
export function opCases<A>(
  samples: OpSamples<A>,
  which: 'values' | 'exact' = 'values',
): fc.Arbitrary<OpCase<A>> | fc.Arbitrary<OpCase<A>>[] {
  const { samples: source } = samples;
  const fill = (sample: OpSample<A>): fc.Arbitrary<OpCase<A>> =>
    fc
      .tuple(fc.nat(0x7ffffffe), ...sample.inputs.map((spec) => spec[which](sizeOf(spec.shape))))
      .map(([seed, ...values]) => ({
        attrs: sample.attrs,
        inputs: sample.inputs.map(({ shape, dtype, constant }, i) => ({
          shape,
          dtype,
          values: values[i],
          ...(constant ? { constant } : {}),
        })),
        seed,
      }));
  return isList(source) ? source.map(fill) : source.chain(fill);
}

function isList<A>(source: OpSamples<A>['samples']): source is readonly OpSample<A>[] {
  return Array.isArray(source);
}

/** Some samples to look at, the same ones at each call. */
export function someSamples<A>({ samples }: OpSamples<A>): readonly OpSample<A>[] {
  return isList(samples) ? samples : fc.sample(samples, { numRuns: 20, seed: 1 });
}

/** A call as code. */
export function showCase(op: OpDef, { attrs, inputs }: OpCase, floatType: 'float32' | 'float64'): string {
  const lines = inputs.map(
    ({ shape, dtype, values }, i) =>
      `const x${i} = tensor([${values.map(literal).join(', ')}], { shape: [${shape.join(', ')}], dtype: '${dtype === 'float' ? floatType : dtype}' });`,
  );
  return [...lines, `apply(${op.name}, ${literal(attrs)}, [${inputs.map((_, i) => `x${i}`).join(', ')}]);`].join('\n');
}

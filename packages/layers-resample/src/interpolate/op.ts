import { Problems } from '@lemmata/shape';
import { apply, isFloat, type OpDef, type Spec, type Tensor } from '@lemmata/tensor';
import { type Sampling, taps } from './taps.js';

export interface ResampleAttrs extends Sampling {
  readonly axis: number;
  /** Of the axis in the result. */
  readonly size: number;
}

/*
 * Resampling along one axis, a sparse matrix, and its transpose. Along several axes it is done one after the other: the
 * weights of bilinear interpolation and its like are products.
 */

/** x → along the axis, weighted sums of its elements. */
export const Resample: OpDef<ResampleAttrs> = {
  name: 'resample',
  linearIn: [0],
  infer(attrs, x) {
    check('resample', attrs, x, x.shape[attrs.axis], attrs.size);
    return [{ shape: x.shape.with(attrs.axis, attrs.size), dtype: x.dtype }];
  },
  reference(attrs, [x], [y]) {
    const { outer, inputs, outputs, inner } = extents(x.shape, attrs.axis, attrs.size);
    const { starts, indices, weights } = taps(attrs, inputs, outputs);
    const sums = new Float64Array(inner);
    for (let block = 0, to = 0; block < outer; block++) {
      for (let o = 0; o < outputs; o++, to += inner) {
        sums.fill(0);
        for (let t = starts[o]; t < starts[o + 1]; t++) {
          const weight = weights[t];
          for (let c = 0, from = (block * inputs + indices[t]) * inner; c < inner; c++, from++)
            sums[c] += weight * x.data[from];
        }
        for (let c = 0; c < inner; c++) y.data[to + c] = sums[c];
      }
    }
  },
  vjp(attrs, [upstream], [x]) {
    if (upstream === null) return [null];
    return [apply(ResampleAdjoint, { ...attrs, from: x.shape[attrs.axis] }, [upstream])[0]];
  },
};

/** y → an axis of `from` elements, to which each element of y is added with the weights that it was made with. */
export const ResampleAdjoint: OpDef<ResampleAttrs & { readonly from: number }> = {
  name: 'resampleAdjoint',
  linearIn: [0],
  infer(attrs, y) {
    check('resampleAdjoint', attrs, y, attrs.from, attrs.size);
    if (y.shape[attrs.axis] !== attrs.size) {
      const problems = new Problems('resampleAdjoint');
      const [received, expected] = [y.shape[attrs.axis], attrs.size];
      problems.add({ rule: 'the axis must have the size of the result', axis: attrs.axis, received, expected });
      problems.throwIfAny({ y: y.shape });
    }
    return [{ shape: y.shape.with(attrs.axis, attrs.from), dtype: y.dtype }];
  },
  reference(attrs, [y], [x]) {
    const { outer, inputs, outputs, inner } = extents(x.shape, attrs.axis, attrs.size);
    const { starts, indices, weights } = taps(attrs, inputs, outputs);
    // Sums are taken in float64, and rounded once.
    const sums = new Float64Array(inputs * inner);
    for (let block = 0, from = 0; block < outer; block++) {
      sums.fill(0);
      for (let o = 0; o < outputs; o++, from += inner) {
        for (let t = starts[o]; t < starts[o + 1]; t++) {
          const weight = weights[t];
          for (let c = 0, to = indices[t] * inner; c < inner; c++, to++) sums[to] += weight * y.data[from + c];
        }
      }
      x.data.set(sums, block * sums.length);
    }
  },
  vjp({ from: _, ...attrs }, [upstream]) {
    return [upstream === null ? null : resample(upstream, attrs)];
  },
};

/** Resampling along one axis, with every option written out. */
export function resample(x: Tensor, attrs: ResampleAttrs): Tensor {
  return apply(Resample, attrs, [x])[0];
}

function extents(x: readonly number[], axis: number, outputs: number) {
  const size = (part: readonly number[]): number => part.reduce((a, b) => a * b, 1);
  return { outer: size(x.slice(0, axis)), inputs: x[axis], outputs, inner: size(x.slice(axis + 1)) };
}

function check(
  op: string,
  { axis, method }: ResampleAttrs,
  { dtype, shape }: Spec,
  inputs: number,
  outputs: number,
): void {
  const problems = new Problems(op);
  if (!(inputs >= 1 && outputs >= 1))
    problems.add({ rule: 'input and output must have at least one element', axis, received: [inputs, outputs] });
  const chooses = method === 'nearest' || method === 'nearest-exact';
  if (!isFloat(dtype) && !(chooses && dtype === 'int32')) {
    problems.add({
      rule: `${chooses ? 'elements must be numbers' : `a method that averages needs float32 or float64`}`,
      received: dtype,
      hint: 'Convert with cast',
    });
  }
  problems.throwIfAny({ shape });
}

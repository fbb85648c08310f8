import { poolGeometry, Problems, sameShape, type Shape, sizeOf } from '@lemmata/shape';
import { apply, isFloat, type OpDef, type Spec, type Tensor } from '@lemmata/tensor';
import { type Sliding, windows } from '../windows.js';

/** One entry for each spatial axis. */
export interface AveragePoolAttrs extends Sliding {
  /** Count a last window that overhangs. */
  readonly ceil: boolean;
  /** Zeros of the padding count as elements. */
  readonly countIncludePad: boolean;
  /** Divide by this instead of the number of elements. */
  readonly divisor: number | null;
}

/*
 * A linear op and its adjoint, which are each other's gradients.
 */

/** x → for each window the sum of its elements divided by their number. */
export const AveragePool: OpDef<AveragePoolAttrs> = {
  name: 'averagePool',
  linearIn: [0],
  infer(attrs, x) {
    return [{ shape: outputShape('averagePool', attrs, x.shape), dtype: float('averagePool', x) }];
  },
  reference(attrs, [x], [y]) {
    const size = x.shape.slice(2);
    const output = y.shape.slice(2);
    const { starts, elements } = windows(attrs, size, output);
    const divide = divisors(attrs, starts, size, output);
    const plane = sizeOf(size);
    const planes = x.shape[0] * x.shape[1];
    const count = divide.length;
    for (let p = 0; p < planes; p++) {
      const from = p * plane;
      for (let j = 0; j < count; j++) {
        let sum = 0;
        const end = starts[j + 1];
        for (let e = starts[j]; e < end; e++) sum += x.data[from + elements[e]];
        y.data[p * count + j] = sum / divide[j];
      }
    }
  },
  vjp(attrs, [upstream], [x]) {
    return [upstream === null ? null : averagePoolGradient(upstream, attrs, x.shape.slice(2))];
  },
};

/** y → planes of sizes `size`: each element of y, divided as in the pooling, added to every element of its window. */
export const AveragePoolGradient: OpDef<AveragePoolAttrs & { readonly size: Shape }> = {
  name: 'averagePoolGradient',
  linearIn: [0],
  infer(attrs, y) {
    const shape = [...y.shape.slice(0, 2), ...attrs.size];
    const expected = outputShape('averagePoolGradient', attrs, shape);
    if (!sameShape(expected, y.shape)) {
      const problems = new Problems('averagePoolGradient');
      problems.add({ rule: 'y must have the shape of a pooling', received: y.shape, expected });
      problems.throwIfAny({ x: shape, y: y.shape });
    }
    return [{ shape, dtype: float('averagePoolGradient', y) }];
  },
  reference(attrs, [y], [x]) {
    const { size } = attrs;
    const output = y.shape.slice(2);
    const { starts, elements } = windows(attrs, size, output);
    const divide = divisors(attrs, starts, size, output);
    const count = divide.length;
    const planes = y.shape[0] * y.shape[1];
    // Windows may overlap: sums are taken in float64, and rounded once.
    const sums = new Float64Array(sizeOf(size));
    for (let p = 0; p < planes; p++) {
      sums.fill(0);
      for (let j = 0; j < count; j++) {
        const share = y.data[p * count + j] / divide[j];
        const end = starts[j + 1];
        for (let e = starts[j]; e < end; e++) sums[elements[e]] += share;
      }
      x.data.set(sums, p * sums.length);
    }
  },
  vjp({ size: _, ...attrs }, [upstream]) {
    return [upstream === null ? null : averagePool(upstream, attrs)];
  },
};

/** The average of each window, with every option written out. */
export function averagePool(x: Tensor, attrs: AveragePoolAttrs): Tensor {
  return apply(AveragePool, attrs, [x])[0];
}

/** The x, of spatial sizes `size`, with ⟨x, x'⟩ = ⟨y, averagePool(x')⟩ for all x'. */
export function averagePoolGradient(y: Tensor, attrs: AveragePoolAttrs, size: Shape): Tensor {
  return apply(AveragePoolGradient, { ...attrs, size }, [y])[0];
}

/**
 * What each window's sum is divided by. Padding that counts ends with the padding: what a window overhangs beyond it, in
 * ceil mode, never counts.
 */
function divisors(attrs: AveragePoolAttrs, starts: Int32Array, size: Shape, output: Shape): Float64Array {
  const { kernel, stride, padding, countIncludePad, divisor } = attrs;
  const out = new Float64Array(starts.length - 1);
  if (divisor !== null) return out.fill(divisor);
  if (!countIncludePad) return out.map((_, j) => starts[j + 1] - starts[j]);
  out.fill(1);
  let inner = out.length;
  for (let axis = 0; axis < size.length; axis++) {
    inner /= output[axis];
    const end = padding[axis][0] + size[axis] + padding[axis][1];
    for (let j = 0; j < out.length; j++) {
      const start = (Math.floor(j / inner) % output[axis]) * stride[axis];
      out[j] *= Math.min(start + kernel[axis], end) - start;
    }
  }
  return out;
}

function outputShape(op: string, { kernel, stride, dilation, padding, ceil }: AveragePoolAttrs, input: Shape): Shape {
  return poolGeometry(op, { input, kernel, stride, dilation, padding, ceil }).outputShape;
}

function float(op: string, { dtype }: Spec): Spec['dtype'] {
  if (isFloat(dtype)) return dtype;
  const problems = new Problems(op);
  problems.add({ rule: 'x must be float32 or float64', received: dtype, hint: 'Convert with cast' });
  problems.throwIfAny();
  return dtype;
}

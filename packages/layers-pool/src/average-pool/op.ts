import { poolGeometry, Problems, sameShape, type Shape } from '@lemmata/shape';
import { apply, type OpDef, type Tensor } from '@lemmata/tensor';
import { average, checkFloat, spread } from '../averages.js';
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
    return [{ shape: outputShape('averagePool', attrs, x.shape), dtype: checkFloat('averagePool', x) }];
  },
  reference(attrs, [x], [y]) {
    const size = x.shape.slice(2);
    const output = y.shape.slice(2);
    const over = windows(attrs, size, output);
    average(over, divisors(attrs, over.starts, size, output), x, y);
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
    return [{ shape, dtype: checkFloat('averagePoolGradient', y) }];
  },
  reference(attrs, [y], [x]) {
    const { size } = attrs;
    const output = y.shape.slice(2);
    const over = windows(attrs, size, output);
    spread(over, divisors(attrs, over.starts, size, output), y, x);
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

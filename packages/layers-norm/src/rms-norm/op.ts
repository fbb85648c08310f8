import { formatShape, Problems } from '@lemmata/shape';
import {
  add,
  apply,
  applyElementwise,
  call,
  div,
  elementwise,
  isFloat,
  mul,
  NO_ATTRS,
  type OpDef,
  reshape,
  rsqrt,
  square,
  sum,
  type Tensor,
} from '@lemmata/tensor';

export interface RmsNormAttrs {
  /** Added to the mean square, under the root. */
  readonly eps: number;
}

/** (x, inverse, weight) → x · inverse · weight */
const RmsNormalise: OpDef = elementwise({
  name: 'rmsNormalise',
  linearIn: [0, 1, 2],
  expr: (_, x, inverse, weight) => call('mul', call('mul', x, inverse), weight),
});

/** (u, x, inverse, weight, slope) → inverse · (u · weight − x · slope) */
const RmsNormaliseGradient: OpDef = elementwise({
  name: 'rmsNormaliseGradient',
  linearIn: [2],
  expr: (_, u, x, inverse, weight, slope) =>
    call('mul', inverse, call('sub', call('mul', u, weight), call('mul', x, slope))),
});

/**
 * (x [R, M], weight [M]) → (y, mean square [R, 1]): y = x / √(mean(x²) + ε) · weight, row by row. A composite that a backend
 * may take whole.
 */
export const RmsNorm: OpDef<RmsNormAttrs> = {
  name: 'rmsNorm',
  infer(_attrs, x, weight) {
    const problems = new Problems('rmsNorm');
    if (x.shape.length !== 2) problems.add({ rule: 'x is [R, M]', received: x.shape });
    else if (weight.shape.length !== 1 || weight.shape[0] !== x.shape[1])
      problems.add({ rule: `weight is ${formatShape([x.shape[1]])}`, received: weight.shape });
    if (!isFloat(x.dtype) || weight.dtype !== x.dtype) {
      problems.add({
        rule: 'x and weight must be both float32, or both float64',
        received: [x.dtype, weight.dtype],
        hint: 'Convert with cast',
      });
    }
    problems.throwIfAny({ x: x.shape, weight: weight.shape });
    return [
      { shape: x.shape, dtype: x.dtype },
      { shape: [x.shape[0], 1], dtype: x.dtype },
    ];
  },
  define({ eps }, x, weight) {
    const meanSquare = div(sumOfRows(square(x)), divisor(x));
    return [applyElementwise(RmsNormalise, NO_ATTRS, [x, rsqrt(add(meanSquare, eps)), weight]), meanSquare];
  },
  vjp({ eps }, [upstream, ofSquare], [x, weight], [, meanSquare], wants) {
    const parts: Tensor[] = [];
    let dWeight: Tensor | null = null;
    if (upstream !== null) {
      const [dx, second] = apply(RmsNormGradient, { eps }, [x, weight, meanSquare, upstream]);
      dWeight = second;
      parts.push(dx);
    }
    if (ofSquare !== null) parts.push(mul(x, mul(ofSquare, 2 / divisor(x))));
    return [wants[0] && parts.length > 0 ? parts.reduce(add) : null, wants[1] ? dWeight : null];
  },
};

/** (x, weight, mean square, u) → the gradients of ⟨u, y⟩ by x and weight, through the mean square as well. */
export const RmsNormGradient: OpDef<RmsNormAttrs> = {
  name: 'rmsNormGradient',
  infer: (_attrs, x, weight) => [x, weight],
  define({ eps }, x, weight, meanSquare, upstream) {
    const inverse = rsqrt(add(meanSquare, eps));
    const product = mul(upstream, x);
    const slope = div(mul(sumOfRows(mul(product, weight)), square(inverse)), divisor(x));
    const dx = applyElementwise(RmsNormaliseGradient, NO_ATTRS, [upstream, x, inverse, weight, slope]);
    return [dx, reshape(sum(mul(product, inverse), { axis: 0 }), weight.shape)];
  },
};

/** The sum over no values is 0, and so is its mean. */
function divisor(x: Tensor): number {
  return Math.max(1, x.shape[1]);
}

function sumOfRows(x: Tensor): Tensor {
  return sum(x, { axis: 1, keepdims: true });
}

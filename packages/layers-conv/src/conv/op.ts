import { convGeometry, formatShape, Problems, sameShape, type Shape, sizeOf } from '@lemmata/shape';
import { apply, type OpDef, type Spec, type Tensor } from '@lemmata/tensor';
import { commonFloat } from './common-float.js';
import type { Sliding } from './index-rule.js';
import { fillInput, fillOutput, fillWeight, trilinear } from './trilinear.js';

/** One entry for each spatial axis, and the groups. */
export interface ConvAttrs extends Sliding {
  readonly groups: number;
}

/** The spatial sizes of the slot that is left open, which the others do not tell. */
export interface OpenAttrs extends ConvAttrs {
  readonly size: readonly number[];
}

/*
 * The form T(x, w, y) of `trilinear.ts` with one slot left open. Its gradient with respect to either of the slots that
 * are filled is the form with that slot open and the upstream gradient in the one that was: the three ops are each
 * other's gradients, of every order.
 */

/** (x, w) → y: the convolution (cross-correlation). */
export const Convolution: OpDef<ConvAttrs> = {
  name: 'convolution',
  linearIn: [0, 1],
  multiplyAdds: (_attrs, [, w], [y]) => products(w, y),
  infer(attrs, x, w) {
    return [
      { shape: outputShape('convolution', attrs, x.shape, w.shape), dtype: commonFloat('convolution', { x, w }) },
    ];
  },
  reference(attrs, [x, w], [y]) {
    fillOutput(trilinear(attrs, attrs.groups, x.shape, w.shape, y.shape), x.data, w.data, y.data);
  },
  vjp(attrs, [upstream], [x, w], _outputs, wants) {
    if (upstream === null) return [null, null];
    return [
      wants[0] ? inputGradient(upstream, w, attrs, x.shape.slice(2)) : null,
      wants[1] ? weightGradient(x, upstream, attrs, w.shape.slice(2)) : null,
    ];
  },
};

/** (y, w) → x: the gradient of a convolution with respect to its input, which is the transposed convolution. */
export const ConvolutionInputGradient: OpDef<OpenAttrs> = {
  name: 'convolutionInputGradient',
  linearIn: [0, 1],
  multiplyAdds: (_attrs, [y, w]) => products(w, y),
  infer(attrs, y, w) {
    const shape = [y.shape[0], w.shape[1] * attrs.groups, ...attrs.size];
    checkOutput('convolutionInputGradient', attrs, shape, w.shape, y.shape);
    return [{ shape, dtype: commonFloat('convolutionInputGradient', { y, w }) }];
  },
  reference(attrs, [y, w], [x]) {
    fillInput(trilinear(attrs, attrs.groups, x.shape, w.shape, y.shape), w.data, y.data, x.data);
  },
  vjp(attrs, [upstream], [y, w], _outputs, wants) {
    if (upstream === null) return [null, null];
    return [
      wants[0] ? convolution(upstream, w, attrs) : null,
      wants[1] ? weightGradient(upstream, y, attrs, w.shape.slice(2)) : null,
    ];
  },
};

/** (x, y) → w: the gradient of a convolution with respect to its weight. */
export const ConvolutionWeightGradient: OpDef<OpenAttrs> = {
  name: 'convolutionWeightGradient',
  linearIn: [0, 1],
  multiplyAdds: (_attrs, [, y], [w]) => products(w, y),
  infer(attrs, x, y) {
    const shape = [y.shape[1], Math.floor(x.shape[1] / attrs.groups), ...attrs.size];
    checkOutput('convolutionWeightGradient', attrs, x.shape, shape, y.shape);
    return [{ shape, dtype: commonFloat('convolutionWeightGradient', { x, y }) }];
  },
  reference(attrs, [x, y], [w]) {
    fillWeight(trilinear(attrs, attrs.groups, x.shape, w.shape, y.shape), x.data, y.data, w.data);
  },
  vjp(attrs, [upstream], [x, y], _outputs, wants) {
    if (upstream === null) return [null, null];
    return [
      wants[0] ? inputGradient(y, upstream, attrs, x.shape.slice(2)) : null,
      wants[1] ? convolution(x, upstream, attrs) : null,
    ];
  },
};

/** Σ over c, k of w[o, c, k] · x[n, c, i(j, k)], with every option written out. */
export function convolution(x: Tensor, w: Tensor, attrs: ConvAttrs): Tensor {
  const { stride, dilation, padding, groups } = attrs;
  return apply(Convolution, { stride, dilation, padding, groups }, [x, w])[0];
}

/** The x, of spatial sizes `size`, with ⟨x, x'⟩ = ⟨y, convolution(x', w)⟩ for all x'. */
export function inputGradient(y: Tensor, w: Tensor, attrs: ConvAttrs, size: readonly number[]): Tensor {
  const { stride, dilation, padding, groups } = attrs;
  return apply(ConvolutionInputGradient, { stride, dilation, padding, groups, size }, [y, w])[0];
}

/** The w, of kernel sizes `size`, with ⟨w, w'⟩ = ⟨y, convolution(x, w')⟩ for all w'. */
export function weightGradient(x: Tensor, y: Tensor, attrs: ConvAttrs, size: readonly number[]): Tensor {
  const { stride, dilation, padding, groups } = attrs;
  return apply(ConvolutionWeightGradient, { stride, dilation, padding, groups, size }, [x, y])[0];
}

/** Terms of the form, those in the padding included: a filter at every element of y, whichever slot is open. */
function products(w: Spec, y: Spec): number {
  return sizeOf(y.shape) * sizeOf(w.shape.slice(1));
}

function outputShape(op: string, { stride, dilation, padding, groups }: ConvAttrs, input: Shape, weight: Shape): Shape {
  return convGeometry(op, { input, weight, stride, dilation, padding, groups }).outputShape;
}

function checkOutput(op: string, attrs: ConvAttrs, x: Shape, w: Shape, y: Shape): void {
  const expected = outputShape(op, attrs, x, w);
  if (sameShape(expected, y)) return;
  const problems = new Problems(op);
  problems.add({
    rule: `a convolution of x ${formatShape(x)} with w ${formatShape(w)} has the shape of y`,
    received: y,
    expected,
  });
  problems.throwIfAny({ x, w, y });
}

import { convGeometry, Problems, type Shape, sizeOf } from '@lemmata/shape';
import { apply, isFloat, type OpDef, type Spec, type Tensor } from '@lemmata/tensor';
import { type IndexRule, indexRule, type Sliding } from '../conv/index-rule.js';
import { scratch } from '../conv/scratch.js';

/** One entry for each spatial axis. */
export interface UnfoldAttrs extends Sliding {
  readonly kernel: readonly number[];
}

/*
 * Elements copied window by window, and added back to where they came from: two linear ops, each the other's adjoint.
 */

/** x `[N, C, ...spatial]` → `[N, C · ∏ kernel, windows]`: channel by channel what each window reads, zeros of the padding too. */
export const Unfold: OpDef<UnfoldAttrs> = {
  name: 'unfold',
  linearIn: [0],
  infer(attrs, x) {
    return [{ shape: unfoldedShape('unfold', attrs, x.shape), dtype: float('unfold', 'x', x) }];
  },
  reference(attrs, [x], [y]) {
    const size = x.shape.slice(2);
    const rule = ruleOf(attrs, size);
    const { windows, taps } = rule;
    const plane = sizeOf(size);
    const planes = x.shape[0] * x.shape[1];
    const padded = paddedPlane(rule).fill(0);
    for (let p = 0, to = 0; p < planes; p++) {
      load(rule, x.data, p * plane, padded);
      for (let k = 0; k < taps.length; k++) {
        const tap = taps[k];
        for (let j = 0; j < windows.length; j++, to++) y.data[to] = padded[windows[j] + tap];
      }
    }
  },
  vjp(attrs, [upstream], [x]) {
    return [upstream === null ? null : foldWindows(upstream, attrs, x.shape.slice(2))];
  },
};

/** `[N, C · ∏ kernel, windows]` → `[N, C, ...size]`: every element added where {@link Unfold} would read it. */
export const Fold: OpDef<UnfoldAttrs & { readonly size: Shape }> = {
  name: 'fold',
  linearIn: [0],
  infer({ size, ...attrs }, y) {
    const shape = foldedShape('fold', attrs, y.shape, size);
    return [{ shape, dtype: float('fold', 'x', y) }];
  },
  reference({ size, ...attrs }, [y], [x]) {
    const rule = ruleOf(attrs, size);
    const { windows, taps } = rule;
    const plane = sizeOf(size);
    const planes = x.shape[0] * x.shape[1];
    // Windows may overlap: sums are taken in float64, and rounded once.
    const padded = paddedPlane(rule);
    for (let p = 0, from = 0; p < planes; p++) {
      padded.fill(0);
      for (let k = 0; k < taps.length; k++) {
        const tap = taps[k];
        for (let j = 0; j < windows.length; j++, from++) padded[windows[j] + tap] += y.data[from];
      }
      store(rule, padded, x.data, p * plane);
    }
  },
  vjp({ size: _, ...attrs }, [upstream]) {
    return [upstream === null ? null : unfoldWindows(upstream, attrs)];
  },
};

/** What each window reads, with every option written out. */
export function unfoldWindows(x: Tensor, { kernel, stride, dilation, padding }: UnfoldAttrs): Tensor {
  return apply(Unfold, { kernel, stride, dilation, padding }, [x])[0];
}

/** The x, of spatial sizes `size`, with ⟨x, x'⟩ = ⟨y, unfoldWindows(x')⟩ for all x'. */
export function foldWindows(y: Tensor, { kernel, stride, dilation, padding }: UnfoldAttrs, size: Shape): Tensor {
  return apply(Fold, { kernel, stride, dilation, padding, size }, [y])[0];
}

/** Along one plane: windows and taps of {@link indexRule} for one image of one channel. */
function ruleOf(attrs: UnfoldAttrs, size: Shape): IndexRule {
  return indexRule(attrs, 1, 1, size, attrs.kernel, windowCounts('unfold', attrs, size));
}

function paddedPlane({ plane }: IndexRule): Float64Array {
  return scratch('unfold', plane).subarray(0, plane);
}

function load({ rows, width }: IndexRule, x: ArrayLike<number>, from: number, padded: Float64Array): void {
  for (let r = 0, at = from; r < rows.length; r++) {
    for (let i = 0; i < width; i++) padded[rows[r] + i] = x[at++];
  }
}

function store({ rows, width }: IndexRule, padded: Float64Array, x: { [i: number]: number }, to: number): void {
  for (let r = 0, at = to; r < rows.length; r++) {
    for (let i = 0; i < width; i++) x[at++] = padded[rows[r] + i];
  }
}

function windowCounts(op: string, { kernel, stride, dilation, padding }: UnfoldAttrs, size: Shape): number[] {
  const query = { input: [1, 1, ...size], weight: [1, 1, ...kernel], stride, dilation, padding };
  return convGeometry(op, query).outputShape.slice(2);
}

function unfoldedShape(op: string, attrs: UnfoldAttrs, [batch, channels, ...size]: Shape): number[] {
  return [batch, channels * sizeOf(attrs.kernel), sizeOf(windowCounts(op, attrs, size))];
}

function foldedShape(op: string, attrs: UnfoldAttrs, y: Shape, size: Shape): number[] {
  const problems = new Problems(op);
  const window = sizeOf(attrs.kernel);
  const counts = windowCounts(op, attrs, size);
  if (y.length !== 3) {
    problems.add({ rule: 'x must have 3 axes [N, C · ∏ kernel, windows]', received: y.length });
  } else {
    if (y[1] % window !== 0)
      problems.add({ rule: `a kernel of ${window} elements must divide the rows of x`, received: y[1], axis: 1 });
    if (y[2] !== sizeOf(counts)) {
      problems.add({
        rule: `a size of ${size.join(' × ')} has ${counts.join(' × ')} windows`,
        received: y[2],
        expected: sizeOf(counts),
        axis: 2,
      });
    }
  }
  problems.throwIfAny({ x: y });
  return [y[0], y[1] / window, ...size];
}

function float(op: string, name: string, { dtype }: Spec): Spec['dtype'] {
  if (isFloat(dtype)) return dtype;
  const problems = new Problems(op);
  problems.add({ rule: `${name} must be float32 or float64`, received: dtype, hint: 'Convert with cast' });
  problems.throwIfAny();
  return dtype;
}

import { formatValue, OptionError, sameShape, unknownOptions, ValueError } from '@lemmata/shape';
import {
  apply,
  applyElementwise,
  call,
  elementwise,
  NO_ATTRS,
  type OpDef,
  type Tensor,
  unify,
  unsqueeze,
} from '@lemmata/tensor';
import { checkBroadcasts } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface GaussianNllOptions extends ReductionOptions {
  /** Add the constant ½ ln 2π. Default false. */
  readonly full?: boolean;
  /** Smaller variances count as this. Default 10⁻⁶. */
  readonly eps?: number;
}

/** max(v, eps), refusing negative v; the gradient passes as if nothing had been cut, so that a variance can grow again. */
const Floored: OpDef<{ readonly eps: number }> = {
  name: 'gaussianNll.variance',
  infer: (_attrs, v) => [{ shape: v.shape, dtype: v.dtype }],
  reference({ eps }, [v], [out]) {
    for (let i = 0; i < v.data.length; i++) {
      if (v.data[i] < 0)
        throw new ValueError('gaussianNll', `variances are not negative, received ${v.data[i]} at element ${i}`);
      out.data[i] = Math.max(v.data[i], eps);
    }
  },
  vjp: (_attrs, [upstream]) => [upstream],
};

/** ½ (ln v + (x − t)² / v). */
export const GaussianNll: OpDef = elementwise({
  name: 'gaussianNll',
  expr(_, x, t, v) {
    const d = call('sub', x, t);
    return call('mul', 0.5, call('add', call('log', v), call('div', call('mul', d, d), v)));
  },
});

/**
 * Negative log-likelihood of targets that are normal around the input: ½ (ln v + (x − t)² / v), by default its mean over all
 * elements.
 *
 * @param input means, any shape.
 * @param target broadcasts to the input.
 * @param variance of the input's shape without its last axis, or else what broadcasts to the input.
 * @throws ValueError, when it is computed, for a negative variance; ShapeError for other shapes; OptionError for unknown
 * options.
 *
 * Source: Nix and Weigend 1994, https://doi.org/10.1109/ICNN.1994.374138
 */
export function gaussianNll(input: Tensor, target: Tensor, variance: Tensor, options: GaussianNllOptions = {}): Tensor {
  unknownOptions('gaussianNll', options, ['full', 'eps', 'reduction']);
  const { full = false, eps = 1e-6, reduction = 'mean' } = options;
  if (!(Number.isFinite(eps) && eps > 0))
    throw new OptionError('gaussianNll', [`eps must be a finite number above 0, received ${formatValue(eps)}`]);
  if (typeof full !== 'boolean')
    throw new OptionError('gaussianNll', [`full must be true or false, received ${formatValue(full)}`]);
  checkReduction('gaussianNll', reduction);
  checkBroadcasts('gaussianNll', 'the target', input, target);
  const [x, t, v] = unify(
    'gaussianNll',
    [input, target, apply(Floored, { eps }, [perElement(input, variance)])[0]],
    'float',
  );
  const losses = applyElementwise(GaussianNll, NO_ATTRS, [x, t, v]);
  return reduced(full ? applyElementwise(Shifted, NO_ATTRS, [losses]) : losses, reduction);
}

const Shifted: OpDef = elementwise({
  name: 'gaussianNll.constant',
  expr: (_, y) => call('add', y, 0.5 * Math.log(2 * Math.PI)),
});

/** The variance as a shape that broadcasts to the input's: [N] for an input [N, D] is one for each row. */
function perElement(input: Tensor, variance: Tensor): Tensor {
  if (!sameShape(variance.shape, input.shape) && sameShape(variance.shape, input.shape.slice(0, -1)))
    return unsqueeze(variance, -1);
  checkBroadcasts('gaussianNll', 'the variance', input, variance);
  return variance;
}

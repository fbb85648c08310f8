import { ShapeError, unknownOptions, ValueError } from '@lemmata/shape';
import {
  apply,
  clamp,
  div,
  formatSpec,
  isFloat,
  log,
  log1p,
  mul,
  neg,
  NO_ATTRS,
  type OpDef,
  sameSpec,
  sub,
  type Tensor,
  unify,
} from '@lemmata/tensor';
import { checkSameShape, weighted } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface BceOptions extends ReductionOptions {
  /** Of each element; broadcasts to the input. Default: all 1. */
  readonly weight?: Tensor;
}

/** Where a logarithm is cut, so that a certain and wrong probability costs much and not everything. */
const LEAST_LOG = -100;
/** What p (1 − p) is taken for where it is less, in the gradient. */
const LEAST_VARIANCE = 1e-12;

/** Probabilities p and targets t of one shape → −t max(ln p, −100) − (1 − t) max(ln(1 − p), −100). */
export const Bce: OpDef = {
  name: 'bce',
  infer(_attrs, p, t) {
    if (!isFloat(p.dtype) || !sameSpec(p, t)) {
      throw new ShapeError('bce', [
        {
          rule: 'probabilities and targets have one shape and floating dtype',
          received: `${formatSpec(p)} and ${formatSpec(t)}`,
        },
      ]);
    }
    return [{ shape: p.shape, dtype: p.dtype }];
  },
  reference(_attrs, [{ data: p }, { data: t }], [out]) {
    for (let i = 0; i < p.length; i++) {
      if (p[i] < 0 || p[i] > 1) {
        throw new ValueError(
          'bce',
          `the input holds probabilities, from 0 to 1; received ${p[i]} at element ${i}. For logits take bceWithLogits`,
        );
      }
      out.data[i] = -t[i] * Math.max(Math.log(p[i]), LEAST_LOG) - (1 - t[i]) * Math.max(Math.log1p(-p[i]), LEAST_LOG);
    }
  },
  vjp(_attrs, [upstream], [p, t], _outputs, wants) {
    if (upstream === null) return [null, null];
    const variance = clamp(mul(p, sub(1, p)), { min: LEAST_VARIANCE });
    return [
      wants[0] ? mul(upstream, div(sub(p, t), variance)) : null,
      wants[1] ? mul(upstream, sub(log1p(neg(p)), log(p))) : null,
    ];
  },
};

/**
 * Binary cross-entropy of probabilities: −t ln p − (1 − t) ln(1 − p), by default its mean over all elements. Logarithms are
 * cut at −100, and p (1 − p) in the gradient at 10⁻¹²; `bceWithLogits` needs neither.
 *
 * @param input probabilities, any shape.
 * @param target from 0 to 1, of the same shape.
 * @throws ValueError, when it is computed, for an input outside 0 … 1; ShapeError for another shape; OptionError for
 * unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export function bce(input: Tensor, target: Tensor, options: BceOptions = {}): Tensor {
  unknownOptions('bce', options, ['weight', 'reduction']);
  const { weight, reduction = 'mean' } = options;
  checkReduction('bce', reduction);
  checkSameShape('bce', input, target);
  return reduced(weighted('bce', apply(Bce, NO_ATTRS, unify('bce', [input, target], 'float'))[0], weight), reduction);
}

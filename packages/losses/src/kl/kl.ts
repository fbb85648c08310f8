import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import {
  add,
  applyElementwise,
  call,
  div,
  elementwise,
  eq,
  exp,
  log,
  mul,
  neg,
  type OpDef,
  sub,
  sum,
  type Tensor,
  where,
} from '@lemmata/tensor';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type Reduction } from '../reduction.js';

export interface KlOptions {
  /** The targets are logarithms of probabilities, as the input always is. Default false. */
  readonly logTarget?: boolean;
  /**
   * The derivative by a target of 0, where t ln t has none (it falls to −∞): `'nan'`, as in PyTorch, or `'zero'`, for
   * targets that are learnt and may reach 0. Default nan.
   */
  readonly gradientAtZero?: 'nan' | 'zero' | undefined;
  /** Also `batchmean`: the sum divided by the first axis, which is the divergence. Default mean, over all elements. */
  readonly reduction?: Reduction | 'batchmean';
}

/** Logarithms x and probabilities t → t (ln t − x), and 0 where t is 0. */
export const Kl: OpDef<{ readonly gradientAtZero: 'nan' | 'zero' }> = {
  ...elementwise({
    name: 'kl',
    expr: (_, x, t) =>
      call(
        'select',
        call('eq', t, 0),
        call('neg', call('chain', t, x)),
        call('mul', t, call('sub', call('log', t), x)),
      ),
  }),
  // By hand: at t = 0 the expression is a constant in t.
  vjp({ gradientAtZero }, [upstream], [x, t], _outputs, wants) {
    if (upstream === null) return [null, null];
    const slope = (): Tensor => where(eq(t, 0), gradientAtZero === 'zero' ? 0 : NaN, sub(add(log(t), 1), x));
    return [wants[0] ? neg(mul(upstream, t)) : null, wants[1] ? mul(upstream, slope()) : null];
  },
};

/**
 * Kullback–Leibler divergence of the input from the target, t (ln t − x), element by element; 0 where t is 0.
 *
 * @param input logarithms of probabilities, any shape.
 * @param target probabilities of the same shape, or their logarithms with `logTarget`.
 * @throws ShapeError for another shape; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export function kl(input: Tensor, target: Tensor, options: KlOptions = {}): Tensor {
  unknownOptions('kl', options, ['logTarget', 'gradientAtZero', 'reduction']);
  const { logTarget = false, gradientAtZero = 'nan', reduction = 'mean' } = options;
  checkReduction('kl', reduction, ['mean', 'batchmean', 'sum', 'none']);
  if (gradientAtZero !== 'nan' && gradientAtZero !== 'zero')
    throw new OptionError('kl', [`gradientAtZero is 'nan' or 'zero', received ${formatValue(gradientAtZero)}`]);
  if (typeof logTarget !== 'boolean')
    throw new OptionError('kl', [`logTarget must be true or false, received ${formatValue(logTarget)}`]);
  checkSameShape('kl', input, target);
  const losses = logTarget
    ? mul(exp(target), sub(target, input))
    : applyElementwise(Kl, { gradientAtZero }, [input, target], 'float');
  if (reduction !== 'batchmean') return reduced(losses, reduction);
  if (input.rank === 0)
    throw new ShapeError('kl', [{ rule: "reduction 'batchmean' divides by the first axis", received: input.shape }]);
  return div(sum(losses), input.shape[0]);
}

import {
  bce,
  bceWithLogits,
  crossEntropy,
  gaussianNll,
  huber,
  kl,
  l1,
  mse,
  nll,
  type Reduction,
  smoothL1,
} from '@lemmata/losses';
import type { Tensor } from '@lemmata/tensor';
import type { Adapter, Adapters } from '../adapter.js';
import { type Args, given } from '../args.js';

/** PyTorch's names of options and ours, besides `reduction`. */
type Names = Readonly<Record<string, string>>;

type Loss = (input: Tensor, target: Tensor, options: any) => Tensor;

const optionsOf = (source: Args, names: Names): { reduction?: Reduction } =>
  given({
    reduction: source.get<Reduction>('reduction'),
    ...Object.fromEntries(Object.entries(names).map(([theirs, ours]) => [ours, source.get(theirs)])),
  });

/** A loss as a function, and as a module, whose constructor takes the options. */
function both(f: string, module: string, loss: Loss, names: Names): Adapters {
  const adapter =
    (source: 'args' | 'init'): Adapter =>
    (call) =>
      loss(call.args.tensor('input'), call.args.tensor('target'), optionsOf(call[source], names));
  return { [f]: adapter('args'), [module]: adapter('init') };
}

const gaussian =
  (source: 'args' | 'init'): Adapter =>
  (call) =>
    gaussianNll(
      call.args.tensor('input'),
      call.args.tensor('target'),
      call.args.tensor('var'),
      optionsOf(call[source], { full: 'full', eps: 'eps' }),
    );

export const loss: Adapters = {
  ...both('mse_loss', 'nn.MSELoss', mse, {}),
  ...both('l1_loss', 'nn.L1Loss', l1, {}),
  ...both('smooth_l1_loss', 'nn.SmoothL1Loss', smoothL1, { beta: 'beta' }),
  ...both('huber_loss', 'nn.HuberLoss', huber, { delta: 'delta' }),
  ...both('kl_div', 'nn.KLDivLoss', kl, { log_target: 'logTarget' }),
  ...both('binary_cross_entropy', 'nn.BCELoss', bce, { weight: 'weight' }),
  ...both('binary_cross_entropy_with_logits', 'nn.BCEWithLogitsLoss', bceWithLogits, {
    weight: 'weight',
    pos_weight: 'posWeight',
  }),
  ...both('nll_loss', 'nn.NLLLoss', nll, { weight: 'weight', ignore_index: 'ignoreIndex' }),
  ...both('cross_entropy', 'nn.CrossEntropyLoss', crossEntropy, {
    weight: 'weight',
    ignore_index: 'ignoreIndex',
    label_smoothing: 'labelSmoothing',
  }),
  gaussian_nll_loss: gaussian('args'),
  'nn.GaussianNLLLoss': gaussian('init'),
};

import { adadelta, adagrad, adam, adamax, adamw, nadam, type Optimizer, radam, rmsprop, sgd } from '@lemmata/optim';
import { type Args, given } from '../args.js';
import type { OptimizerAdapter } from '../kinds/optimizer.js';

/** PyTorch's names and ours. */
type Names = Readonly<Record<string, string>>;

const COMMON: Names = { lr: 'learningRate', weight_decay: 'weightDecay', maximize: 'maximize' };

const optionsFrom = (args: Args, names: Names): Record<string, unknown> =>
  given(Object.fromEntries(Object.entries({ ...COMMON, ...names }).map(([theirs, ours]) => [ours, args.get(theirs)])));

function adapter(names: Names, make: (options: any, init: Args) => Optimizer): OptimizerAdapter {
  return {
    make: (init, groups) => make({ ...optionsFrom(init, names), ...(groups.length > 0 ? { groups } : {}) }, init),
    group: (args) => optionsFrom(args, names),
  };
}

const ADAM: Names = { betas: 'betas', eps: 'eps', amsgrad: 'amsgrad' };

export const optim: Readonly<Record<string, OptimizerAdapter>> = {
  'optim.SGD': adapter({ momentum: 'momentum', dampening: 'dampening', nesterov: 'nesterov' }, sgd),
  'optim.Adam': adapter(ADAM, (options, init) => (init.flag('decoupled_weight_decay') ? adamw : adam)(options)),
  'optim.AdamW': adapter(ADAM, adamw),
  'optim.Adamax': adapter({ betas: 'betas', eps: 'eps' }, adamax),
  'optim.NAdam': adapter(
    {
      betas: 'betas',
      eps: 'eps',
      momentum_decay: 'momentumDecay',
      decoupled_weight_decay: 'decoupledWeightDecay',
    },
    nadam,
  ),
  'optim.RAdam': adapter({ betas: 'betas', eps: 'eps', decoupled_weight_decay: 'decoupledWeightDecay' }, radam),
  'optim.RMSprop': adapter({ alpha: 'alpha', eps: 'eps', momentum: 'momentum', centered: 'centered' }, rmsprop),
  'optim.Adagrad': adapter({ lr_decay: 'rateDecay', initial_accumulator_value: 'initialSum', eps: 'eps' }, adagrad),
  'optim.Adadelta': adapter({ rho: 'rho', eps: 'eps' }, adadelta),
};

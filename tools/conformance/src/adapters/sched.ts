import {
  constant,
  cosineAnnealing,
  exponential,
  linear,
  multiStep,
  oneCycle,
  polynomial,
  stepDecay,
  warmRestarts,
} from '@lemmata/optim';
import { unsupported } from '../adapter.js';
import { given } from '../args.js';
import type { SchedulerAdapter } from '../kinds/scheduler.js';

/** PyTorch scales the rate of a group; these schedules begin with that rate. */
export const sched: Readonly<Record<string, SchedulerAdapter>> = {
  'lr_scheduler.StepLR': (init, initial) => ({
    rate: stepDecay(given({ initial, every: init.number('step_size')!, factor: init.number('gamma') })),
  }),
  'lr_scheduler.MultiStepLR': (init, initial) => ({
    rate: multiStep(given({ initial, milestones: init.list('milestones')!, factor: init.number('gamma') })),
  }),
  'lr_scheduler.ExponentialLR': (init, initial) => ({
    rate: exponential({ initial, factor: init.number('gamma')! }),
  }),
  'lr_scheduler.LinearLR': (init, lr) => ({
    rate: linear({
      initial: lr * (init.number('start_factor') ?? 1 / 3),
      final: lr * (init.number('end_factor') ?? 1),
      steps: init.number('total_iters') ?? 5,
    }),
  }),
  'lr_scheduler.PolynomialLR': (init, initial) => ({
    rate: polynomial(given({ initial, steps: init.number('total_iters') ?? 5, power: init.number('power') })),
  }),
  'lr_scheduler.CosineAnnealingLR': (init, peak) => ({
    rate: cosineAnnealing(given({ peak, steps: init.number('T_max')!, final: init.number('eta_min') })),
  }),
  'lr_scheduler.CosineAnnealingWarmRestarts': (init, peak) => ({
    rate: warmRestarts(
      given({ peak, steps: init.number('T_0')!, growth: init.number('T_mult'), final: init.number('eta_min') }),
    ),
  }),
  'lr_scheduler.OneCycleLR': (init, _lr, momentum) => {
    if (init.flag('cycle_momentum')) unsupported('a schedule of the momentum');
    init.ignore('base_momentum', 'max_momentum');
    const [epochs, stepsPerEpoch] = [init.number('epochs'), init.number('steps_per_epoch')];
    const curve = init.text('anneal_strategy');
    return {
      rate: oneCycle(
        given({
          peak: init.number('max_lr')!,
          steps: init.number('total_steps') ?? epochs! * stepsPerEpoch!,
          rise: init.number('pct_start'),
          curve: (curve === 'cos' ? 'cosine' : curve) as 'cosine' | 'linear' | undefined,
          divide: init.number('div_factor'),
          finalDivide: init.number('final_div_factor'),
          threePhase: init.flag('three_phase'),
        }),
      ),
      momentum: constant(momentum),
    };
  },
};

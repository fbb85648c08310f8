import {
  constant,
  constantFactor,
  cosineAnnealing,
  cyclic,
  type CyclicOptions,
  exponential,
  linearFactor,
  multiStep,
  oneCycle,
  oneCycleMomentum,
  polynomial,
  reduceOnPlateau,
  stepDecay,
  warmRestarts,
} from '@lemmata/optim';
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
    rate: linearFactor(
      lr,
      given({ start: init.number('start_factor'), end: init.number('end_factor'), steps: init.number('total_iters') }),
    ),
  }),
  'lr_scheduler.ConstantLR': (init, lr) => ({
    rate: constantFactor(lr, given({ factor: init.number('factor'), steps: init.number('total_iters') })),
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
    const [epochs, stepsPerEpoch] = [init.number('epochs'), init.number('steps_per_epoch')];
    const curve = init.text('anneal_strategy');
    const cycle = given({
      steps: init.number('total_steps') ?? epochs! * stepsPerEpoch!,
      rise: init.number('pct_start'),
      curve: (curve === 'cos' ? 'cosine' : curve) as 'cosine' | 'linear' | undefined,
      threePhase: init.flag('three_phase'),
    });
    const [lowest, highest] = [init.number('base_momentum'), init.number('max_momentum')];
    return {
      rate: oneCycle(
        given({
          ...cycle,
          peak: init.number('max_lr')!,
          divide: init.number('div_factor'),
          finalDivide: init.number('final_div_factor'),
        }),
      ),
      momentum:
        init.flag('cycle_momentum') === false
          ? constant(momentum)
          : oneCycleMomentum(given({ ...cycle, lowest, highest })),
    };
  },
  'lr_scheduler.CyclicLR': (init, _lr, fixed) => {
    const mode = init.text('mode');
    const cycle = given({
      up: init.number('step_size_up'),
      down: init.number('step_size_down'),
      mode: (mode === 'exp_range' ? 'expRange' : mode) as CyclicOptions['mode'],
      // PyTorch passes over a gamma that its mode does not read.
      gamma: mode === 'exp_range' ? init.number('gamma') : undefined,
    });
    init.ignore('gamma');
    const [lowest, highest] = [init.number('base_momentum') ?? 0.8, init.number('max_momentum') ?? 0.9];
    return {
      rate: cyclic({ ...cycle, base: init.number('base_lr')!, peak: init.number('max_lr')! }),
      // The other way round: it falls while the rate rises.
      momentum:
        init.flag('cycle_momentum') === false ? constant(fixed) : cyclic({ ...cycle, base: highest, peak: lowest }),
    };
  },
  'lr_scheduler.ReduceLROnPlateau': (init, initial) => ({
    plateau: reduceOnPlateau(
      given({
        initial,
        mode: init.text('mode') as 'min' | 'max' | undefined,
        factor: init.number('factor'),
        patience: init.number('patience'),
        threshold: init.number('threshold'),
        thresholdMode: init.text('threshold_mode') as 'rel' | 'abs' | undefined,
        cooldown: init.number('cooldown'),
        least: init.number('min_lr'),
        eps: init.number('eps'),
      }),
    ),
  }),
};

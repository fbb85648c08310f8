import { NonFiniteError } from '@lemmata/compile';
import type { Columns } from '@lemmata/data';
import type { Layer } from '@lemmata/nn';
import { exponential, rateAt, type Optimizer, type Schedule } from '@lemmata/optim';
import { OptionError, unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { columnTensor, firstTwo, macrotask, type Example } from './batch.js';
import type { Batches } from './loop.js';
import { trainingStep, type TrainState } from './step.js';

export interface FindLearningRateOptions<P, S, B extends Columns> {
  /** What is trained. */
  readonly model: Layer<P, S>;
  /** Mean loss of a batch, a scalar. */
  readonly loss: (output: Tensor, target: Tensor) => Tensor;
  /** The optimiser with a given rate; it starts anew. Of a `controllable` one, the function that it is made by. */
  readonly optimizer: (learningRate: Schedule) => Optimizer;
  /** Read from epoch 0 on, as often as there are steps. */
  readonly batches: Batches<B>;
  /** Where to start: a fresh one, see `initialState`, or that of a run. Stays as it is, bit for bit. */
  readonly from: Pick<TrainState<P, S>, 'params' | 'state' | 'key'>;
  /** The first rate. Default 1e-7. */
  readonly lowest?: number;
  /** The last rate. Default 10. */
  readonly highest?: number;
  /** Steps from the one to the other, at least 2. Default 100. */
  readonly steps?: number;
  /** What of the smoothed loss comes from the steps before, from 0 to below 1. Default 0.98. */
  readonly smoothing?: number;
  /** Stop once the smoothed loss is so many times the least one, or as far above one that is below 0. Default 4. */
  readonly divergence?: number;
  /** Input and target in a batch. Default: its first two columns. */
  readonly example?: Example<B>;
}

/** A step each; fewer than asked for where the loss went up or was not finite. */
export interface FoundRates {
  readonly rates: readonly number[];
  readonly losses: readonly number[];
  readonly smoothed: readonly number[];
  /** The rate at which the smoothed loss falls fastest along the logarithm of the rate; null if it never falls. */
  readonly suggestion: number | null;
}

const NAMES = [
  'model',
  'loss',
  'optimizer',
  'batches',
  'from',
  'lowest',
  'highest',
  'steps',
  'smoothing',
  'divergence',
  'example',
];

/**
 * Trains for a few steps with a rate that grows from step to step by the same factor, and tells the loss at each: somewhat below the
 * rate where it blows up is where to train. Works on copies: parameters, statistics, optimiser, keys and the order of the data stay
 * as they are, and a run that goes on afterwards has the bits of one that was never looked at.
 *
 * Source: Smith 2017, https://arxiv.org/abs/1506.01186.
 */
export async function findLearningRate<P, S, B extends Columns>(
  options: FindLearningRateOptions<P, S, B>,
): Promise<FoundRates> {
  const { model, loss, batches, from, lowest, highest, steps, smoothing, divergence, example } = checked(options);
  const schedule = exponential({ initial: lowest, factor: (highest / lowest) ** (1 / (steps - 1)) });
  const optimizer = options.optimizer(schedule);
  const step = trainingStep({ model, loss, optimizer });
  let state: TrainState<P, S> = {
    params: from.params,
    state: from.state,
    key: from.key,
    optimizer: optimizer.init(from.params),
  };
  const losses: number[] = [];
  const smoothed: number[] = [];
  let average = 0;
  let least = Infinity;
  const seen = (value: number): boolean => {
    losses.push(value);
    average = smoothing * average + (1 - smoothing) * value;
    const current = average / (1 - smoothing ** losses.length);
    smoothed.push(current);
    least = Math.min(least, current);
    return losses.length < steps && !(current > least + (divergence - 1) * Math.abs(least));
  };

  run: for (let epoch = 0; ; epoch++) {
    let any = false;
    for await (const batch of batches.epoch(epoch)) {
      any = true;
      const [x, y] = example(batch).map(columnTensor) as [Tensor, Tensor];
      let value: number;
      try {
        const [next, sums] = step(state, x, y);
        state = next;
        value = sums.loss.item();
      } catch (error) {
        if (error instanceof NonFiniteError) break run;
        throw error;
      }
      if (!seen(value)) break run;
      await macrotask();
    }
    if (!any) throw new OptionError('findLearningRate', ['batches must hold at least one batch']);
  }
  const rates = losses.map((_, i) => rateAt(schedule, i));
  return { rates, losses, smoothed, suggestion: steepest(rates, smoothed) };
}

/**
 * Rates are equally far apart on their logarithmic axis, so the loss is held against the number of the step: the slope at each is that
 * of the straight line that fits a tenth of the losses to either side best, which batches that are easy or hard do not sway.
 */
function steepest(rates: readonly number[], losses: readonly number[]): number | null {
  const reach = Math.max(1, Math.round(losses.length / 10));
  let best: number | null = null;
  let steep = 0;
  for (let i = reach; i + reach < losses.length; i++) {
    let slope = 0;
    for (let d = 1; d <= reach; d++) slope += d * (losses[i + d]! - losses[i - d]!);
    if (slope < steep) [best, steep] = [rates[i]!, slope];
  }
  return best;
}

function checked<P, S, B extends Columns>(options: FindLearningRateOptions<P, S, B>) {
  unknownOptions('findLearningRate', options, NAMES);
  const { lowest = 1e-7, highest = 10, steps = 100, smoothing = 0.98, divergence = 4 } = options;
  const reasons: string[] = [];
  if (!(lowest > 0 && lowest < highest && Number.isFinite(highest)))
    reasons.push(`lowest and highest must be 0 < lowest < highest < ∞, received ${lowest} and ${highest}`);
  if (!Number.isInteger(steps) || steps < 2)
    reasons.push(`steps must be a whole number of at least 2, received ${steps}`);
  if (!(smoothing >= 0 && smoothing < 1)) reasons.push(`smoothing must be from 0 to below 1, received ${smoothing}`);
  if (!(divergence > 1)) reasons.push(`divergence must be above 1, received ${divergence}`);
  if (reasons.length > 0) throw new OptionError('findLearningRate', reasons);
  const { example = firstTwo as Example<B> } = options;
  return { ...options, lowest, highest, steps, smoothing, divergence, example };
}

import { valueAndGrad } from '@lemmata/autograd';
import { compile, type Compiled } from '@lemmata/compile';
import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import { unknownOptions, type Shape } from '@lemmata/shape';
import { key as keyOf, splitKey, type Tensor } from '@lemmata/tensor';
import type { Metric } from './metrics/index.js';
import { sumsOf, type Sums } from './totals.js';

/** Everything that a step changes: a plain tree, which is also what a checkpoint holds. */
export interface TrainState<P = any, S = any, O = any> {
  readonly params: P;
  /** Of the model's layers, such as running statistics. */
  readonly state: S;
  readonly optimizer: O;
  /** What the next step's randomness is drawn from. */
  readonly key: Tensor;
}

/** A fresh start: drawn parameters, an optimiser at rest, the key of the first step. */
export function initialState<P, S, O>(
  model: Pick<Layer<P, S>, 'init'>,
  optimizer: Optimizer<O>,
  inputShape: Shape,
  seed: number,
): TrainState<P, S, O> {
  const [forParams, forSteps] = splitKey(keyOf(seed), 2) as [Tensor, Tensor];
  const { params, state } = model.init(forParams, inputShape);
  return { params, state, optimizer: optimizer.init(params), key: forSteps };
}

/** A step as a plain function: the next state, and what is reported of the batch. */
export type Step<T> = (state: T, ...batch: Tensor[]) => [T, Sums];

/** What an objective is told besides the parameters. */
export interface Sight<S> {
  readonly state: S;
  readonly batch: readonly Tensor[];
  /** Of this step alone. */
  readonly key: Tensor;
}

/** The mean loss of a batch as a function of the parameters, with the next state and the sums of metrics. */
export type Objective<P = any, S = any> = (
  params: P,
  sight: Sight<S>,
) => [loss: Tensor, rest: { readonly state: S; readonly metrics: Sums['metrics'] }];

/** One step of an optimiser down an objective. */
export function objectiveStep<P, S, O>(objective: Objective<P, S>, optimizer: Optimizer<O>): Step<TrainState<P, S, O>> {
  return ({ params, state, optimizer: memory, key }, ...batch) => {
    const [forNext, forThis] = splitKey(key, 2) as [Tensor, Tensor];
    const { value, aux, grads } = valueAndGrad((p: P) => objective(p, { state, batch, key: forThis }))(params);
    const [nextParams, nextMemory] = optimizer.update(grads, memory, params);
    return [
      { params: nextParams, state: aux.state, optimizer: nextMemory, key: forNext },
      { loss: value, metrics: aux.metrics },
    ];
  };
}

export interface SupervisedOptions<P, S> {
  /** What is trained. */
  readonly model: Layer<P, S>;
  /** Mean loss of a batch, a scalar. */
  readonly loss: (output: Tensor, target: Tensor) => Tensor;
  /** Reported beside the loss, by name. Default: none. */
  readonly metrics?: Readonly<Record<string, Metric>>;
}

/**
 * The loss between a model's output for the first tensor of a batch and the second, its target.
 *
 * @throws OptionError for an unknown option.
 */
export function supervised<P, S>(options: SupervisedOptions<P, S>): Objective<P, S> {
  unknownOptions('supervised', options, ['model', 'loss', 'metrics']);
  const { model, loss, metrics = {} } = options;
  return (params, { state, batch, key }) => {
    const [x, y] = batch as readonly [Tensor, Tensor];
    const [output, next] = model.apply(params, state, x, { train: true, key });
    return [loss(output, y), { state: next, metrics: sumsOf(metrics, output, y) }];
  };
}

/** One step as one compiled program, in place of the state that it is given. */
export function compiledStep<T>(step: Step<T>): Compiled<[T, ...Tensor[]], [T, Sums]> {
  return compile(step, { donate: 1, name: 'training step' });
}

/**
 * One supervised step as one compiled program, in place of the state that it is given.
 *
 * @throws OptionError for an unknown option.
 */
export function trainingStep<P, S, O>(
  options: SupervisedOptions<P, S> & { readonly optimizer: Optimizer<O> },
): Compiled<[TrainState<P, S, O>, ...Tensor[]], [TrainState<P, S, O>, Sums]> {
  unknownOptions('trainingStep', options, ['model', 'loss', 'metrics', 'optimizer']);
  const { optimizer, ...rest } = options;
  return compiledStep(objectiveStep(supervised(rest), optimizer));
}

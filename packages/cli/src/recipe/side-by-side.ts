import { add, all, cast, div, eq, isFinite, logicalAnd, mul, scalar, type Tensor, where } from '@lemmata/tensor';
import { leaves, map } from '@lemmata/tree';
import type { Job } from './recipe.js';

/** What learns: a job without its data. */
export type Learner<T = any> = Pick<Job<T>, 'start' | 'step' | 'model'>;

/** Something for each name, in their order. */
export function eachOf<N extends string, T>(names: readonly N[], f: (name: N, index: number) => T): Record<N, T> {
  return Object.fromEntries(names.map((name, index) => [name, f(name, index)])) as Record<N, T>;
}

/**
 * Learners by name that see the same batches, as one: what differs between them is all that their curves can differ by. The loss is
 * the mean of theirs; the loss of one is the metric `loss NAME`, and its own metrics are `METRIC NAME`.
 */
export function sideBySide<N extends string, T>(
  learners: Readonly<Record<N, Learner<T>>>,
): Learner<Readonly<Record<N, T>>> {
  const names = Object.keys(learners) as N[];
  return {
    start: () => eachOf(names, (name) => learners[name].start()),
    step(state, ...batch) {
      const steps = eachOf(names, (name) => learners[name].step(state[name], ...batch));
      const size = batch[0]!.shape[0]!;
      const losses = names.map((name) => steps[name][1].loss);
      const metrics = names.flatMap((name) => {
        const { loss, metrics: own } = steps[name][1];
        const named = Object.entries(own).map(([metric, sum]) => [`${metric} ${name}`, sum] as const);
        return [[`loss ${name}`, mul(loss, size)] as const, ...named];
      });
      const loss = div(
        losses.reduce((a, b) => add(a, b)),
        names.length,
      );
      return [eachOf(names, (name) => steps[name][0]), { loss, metrics: Object.fromEntries(metrics) }];
    },
    model(state) {
      const models = eachOf(names, (name) => learners[name].model(state[name]));
      return {
        params: eachOf(names, (name) => models[name].params),
        state: eachOf(names, (name) => models[name].state),
      };
    },
  };
}

/** A state, and how far it has come. */
export interface Held<T> {
  readonly now: T;
  /** Of the last step that was taken. */
  readonly loss: Tensor;
  /** Steps taken: fewer than there were where one was not finite. */
  readonly taken: Tensor;
  /** 1, or 0 once a step was not finite. */
  readonly alive: Tensor;
}

/**
 * A learner that is expected to fail: a step that makes anything but finite numbers is not taken, and none after it, so that others
 * beside it go on. Its loss stays that of the last step taken, other metrics are 0 from there on.
 */
export function whileFinite<T>(learner: Learner<T>): Learner<Held<T>> {
  return {
    start: () => ({ now: learner.start(), loss: scalar(0), taken: scalar(0), alive: scalar(1) }),
    step({ now, loss, taken, alive }, ...batch) {
      const [next, sums] = learner.step(now, ...batch);
      const finite = [...(leaves(next as never) as Tensor[]), sums.loss, ...Object.values(sums.metrics)]
        .filter(({ dtype }) => dtype === 'float32' || dtype === 'float64')
        .map((leaf) => all(isFinite(leaf)));
      const fine = logicalAnd(
        eq(alive, 1),
        finite.reduce((a, b) => logicalAnd(a, b)),
      );
      const shown = where(fine, sums.loss, loss);
      return [
        {
          now: map((after: Tensor, before: Tensor) => where(fine, after, before), next as never, now as never) as T,
          loss: shown,
          taken: add(taken, cast(fine, 'float32')),
          alive: cast(fine, 'float32'),
        },
        {
          loss: shown,
          metrics: Object.fromEntries(Object.entries(sums.metrics).map(([name, sum]) => [name, where(fine, sum, 0)])),
        },
      ];
    },
    model: ({ now }) => learner.model(now),
  };
}

import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import { unknownOptions, type Shape } from '@lemmata/shape';
import { initialState, objectiveStep, type Objective, type TrainState } from '@lemmata/train';
import { arrayDataset, subset, type Columns, type Dataset } from '@lemmata/data';
import { UserError } from '../failure.js';
import type { Asked, Job } from './recipe.js';

/**
 * Start, step and weights of a job that follows one objective with one optimiser.
 *
 * @throws OptionError for an unknown option.
 */
export function objectiveJob(options: {
  readonly model: Pick<Layer, 'init'>;
  readonly inputShape: Shape;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly seed: number;
}): Pick<Job<TrainState>, 'start' | 'step' | 'model'> {
  unknownOptions('objectiveJob', options, ['model', 'inputShape', 'objective', 'optimizer', 'seed']);
  const { model, inputShape, objective, optimizer, seed } = options;
  return {
    start: () => initialState(model, optimizer, inputShape, seed),
    step: objectiveStep(objective, optimizer),
    model: ({ params, state }) => ({ params, state }),
  };
}

/**
 * The first `limit` samples, or all.
 *
 * @throws UserError for more than there are, where a user has asked for so many.
 */
export function limited<C extends Columns>(
  columns: C,
  { limit, upToLimit }: Pick<Asked, 'limit' | 'upToLimit'>,
  unit: string,
): Dataset<C> {
  const all = arrayDataset(columns);
  if (limit === undefined || limit === all.length || (upToLimit && limit > all.length)) return all;
  if (limit > all.length) throw new UserError(`--limit: there are ${all.length} training ${unit}, received ${limit}`);
  return subset(
    all,
    Int32Array.from({ length: limit }, (_, i) => i),
  );
}

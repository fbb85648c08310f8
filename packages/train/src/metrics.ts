import { argmax, cast, eq, type Tensor } from '@lemmata/tensor';

/** One value for each sample of a batch, shape [N]; its mean over all samples is reported. Truth values count as 0 and 1. */
export type Metric = (output: Tensor, target: Tensor) => Tensor;

/** Whether the largest of the logits [N, C] is the target's class [N]; the first one at a tie. */
export const accuracy: Metric = (output, target) => eq(argmax(output, { axis: 1 }), cast(target, 'int32'));

/**
 * How often class `row` was taken for class `column`.
 *
 * @throws RangeError for a class outside 0 … classes − 1, or lists of different length.
 */
export function confusionMatrix(actual: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  if (actual.length !== predicted.length) {
    throw new RangeError(`confusionMatrix: ${actual.length} actual classes, but ${predicted.length} predictions`);
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < actual.length; i++) {
    for (const [what, value] of [
      ['actual', actual[i]!],
      ['predicted', predicted[i]!],
    ] as const) {
      if (!Number.isInteger(value) || value < 0 || value >= classes) {
        throw new RangeError(`confusionMatrix: ${what} class ${value} at ${i}; expected 0 to ${classes - 1}`);
      }
    }
    matrix[actual[i]!]![predicted[i]!]!++;
  }
  return matrix;
}

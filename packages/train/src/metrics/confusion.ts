import { unknownOptions } from '@lemmata/shape';

/**
 * How often class `row` was taken for class `column`: of samples, or of pixels, whose classes are listed one by one.
 *
 * @param options `ignore`: an actual class that is left out, such as a border that nobody labelled.
 * @throws RangeError for a number of classes that is no count, a class outside 0 … classes − 1 (NaN included), or lists of different length; OptionError for an
 * unknown option.
 */
export function confusionMatrix(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  options: { readonly ignore?: number } = {},
): number[][] {
  unknownOptions('confusionMatrix', options, ['ignore']);
  if (actual.length !== predicted.length) {
    throw new RangeError(`confusionMatrix: ${actual.length} actual classes, but ${predicted.length} predictions`);
  }
  if (!Number.isSafeInteger(classes) || classes < 1)
    throw new RangeError(`confusionMatrix: received ${String(classes)} classes; expected a count of at least 1`);
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const check = (what: string, value: number, at: number): void => {
    if (Number.isInteger(value) && value >= 0 && value < classes) return;
    throw new RangeError(`confusionMatrix: ${what} class ${value} at ${at}; expected 0 to ${classes - 1}`);
  };
  for (let i = 0; i < actual.length; i++) {
    const [is, said] = [actual[i]!, predicted[i]!];
    if (is === options.ignore) continue;
    check('actual', is, i);
    check('predicted', said, i);
    matrix[is]![said]!++;
  }
  return matrix;
}

/** Of a confusion matrix: what was right, wrongly said and missed of each class. */
function counts(matrix: readonly (readonly number[])[]): { right: number; wrong: number; missed: number }[] {
  return matrix.map((row, c) => {
    const right = row[c]!;
    const said = matrix.reduce((total, other) => total + other[c]!, 0);
    return { right, wrong: said - right, missed: row.reduce((a, b) => a + b, 0) - right };
  });
}

/** Of what was said to be class c, the share that is. NaN for a class that was never said. */
export function precision(matrix: readonly (readonly number[])[]): number[] {
  return counts(matrix).map(({ right, wrong }) => right / (right + wrong));
}

/** Of what is class c, the share that was found. NaN for a class that never occurs. */
export function recall(matrix: readonly (readonly number[])[]): number[] {
  return counts(matrix).map(({ right, missed }) => right / (right + missed));
}

/** 2·right / (2·right + wrong + missed), the harmonic mean of precision and recall. NaN where a class neither occurs nor was said. */
export function f1(matrix: readonly (readonly number[])[]): number[] {
  return counts(matrix).map(({ right, wrong, missed }) => (2 * right) / (2 * right + wrong + missed));
}

/** Dice coefficient 2·|A ∩ B| / (|A| + |B|) of each class: the same number as {@link f1}, under its name in segmentation. */
export const dice: typeof f1 = f1;

/** Intersection over union, right / (right + wrong + missed), of each class. NaN where a class neither occurs nor was said. */
export function iou(matrix: readonly (readonly number[])[]): number[] {
  return counts(matrix).map(({ right, wrong, missed }) => right / (right + wrong + missed));
}

/**
 * The plain mean of one score a class over `classes` (default: all): "macro" averages, mean IoU. It is NaN if one of
 * them is: leave out a class that has no score by not naming it.
 */
export function meanScore(scores: readonly number[], classes: readonly number[] = scores.map((_, c) => c)): number {
  for (const c of classes) {
    if (scores[c] === undefined) throw new RangeError(`meanScore: no class ${c}; there are ${scores.length}`);
  }
  return classes.reduce((total, c) => total + scores[c]!, 0) / classes.length;
}

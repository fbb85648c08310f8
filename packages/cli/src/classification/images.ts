import type { Column } from '@lemmata/data';
import type { LabelledImages } from '@lemmata/data/node';

/** Labelled images, and where they come from. */
export interface ImageSet {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Names of the classes, by their number. */
  readonly classes: readonly string[];
  readonly source: string;
  readonly licence: string;
  /**
   * White drawings on black in 28×28, of which a box with this side is full: `predict` makes a user's picture one of them.
   * Default: images are resized as they are.
   */
  readonly drawn?: number;
  /** Whether they are of a folder of images, which stands in the title then in place of the data that the recipe is about. */
  readonly own?: true;
  /** Whether `predict --test` finds the test images in the folder: they come of the four files, or of a folder of images. */
  readonly readAgain?: true;
}

export const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** What a trained network made of one test image. */
export interface Judged {
  readonly actual: number;
  readonly predicted: number;
  /** Of the predicted class, and of the actual one. */
  readonly probability: number;
  readonly ofActual: number;
}

/** What is made of a batch of logits [n, classes]. */
export function judge(logits: ArrayLike<number>, targets: ArrayLike<number>, classes: number): Judged[] {
  return Array.from(targets, (actual, i) => {
    const row = Array.from({ length: classes }, (_, c) => logits[i * classes + c]!);
    const probabilities = softmaxOf(row);
    const predicted = probabilities.indexOf(Math.max(...probabilities));
    return { actual, predicted, probability: probabilities[predicted]!, ofActual: probabilities[actual]! };
  });
}

/** Probabilities of logits, in float64. */
export function softmaxOf(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const weights = logits.map((v) => Math.exp(v - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}

/** Pixels of one image of a column, as bytes. */
export function pixelsOf({ data, shape }: Column, index: number): Uint8Array {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return Uint8Array.from(data.subarray(index * size, (index + 1) * size));
}

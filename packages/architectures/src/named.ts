import type { Layer } from '@lemmata/nn';
import type { Shape } from '@lemmata/shape';

/** A network under the name by which it is known, with what a test holds it to. */
export interface Named {
  make(): Layer;
  /** Without the batch. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly parameters: number;
  /** Multiply-adds for one input of `inputShape`. */
  readonly flops: number;
  /** Rows and columns of the image that one element sees in front of the layer where that becomes everything. */
  readonly receptiveField?: number;
}

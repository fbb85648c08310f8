import { type Padding, paddingPerAxis, resolvePadding } from './padding.js';
import { perAxis, type PerAxis } from './per-axis.js';
import { judge, type Problems } from './problems.js';

/** How a window slides, as a layer is told before it sees an input. */
export interface SlidingOptions {
  /** Elements that a window reads along each axis. */
  readonly kernelSize: PerAxis;
  /** Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Default 0. */
  readonly padding?: Padding | undefined;
}

/**
 * Refuses options of a window along `rank` spatial axes that no input can make right.
 *
 * @throws ShapeError with every reason found.
 */
export function checkSlidingOptions(op: string | Problems, rank: number, options: SlidingOptions): void {
  const { kernelSize, stride = 1, dilation = 1, padding = 0 } = options;
  judge(op, (problems) => {
    const kernels = perAxis(problems, 'kernelSize', kernelSize, rank, 1);
    const strides = perAxis(problems, 'stride', stride, rank, 1);
    const dilations = perAxis(problems, 'dilation', dilation, rank, 1);
    const paddings = paddingPerAxis(problems, padding, rank);
    if (problems.reasons.length > 0) return;
    // Whether the padding is one at all does not depend on the size.
    paddings.forEach((sides, axis) =>
      resolvePadding(
        { size: 1, kernel: kernels[axis]!, stride: strides[axis]!, dilation: dilations[axis]!, padding: sides },
        problems,
        axis + 2,
      ),
    );
  });
}

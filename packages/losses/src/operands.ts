import { broadcastShapes, sameShape, ShapeError } from '@lemmata/shape';
import { asTensor, mul, type Tensor } from '@lemmata/tensor';

/**
 * Throws a ShapeError unless the target has the input's shape. Broadcasting [N] against [N, 1] would compare every sample with
 * every other.
 */
export function checkSameShape(op: string, input: Tensor, target: Tensor): void {
  const [x, t] = [asTensor(input, op), asTensor(target, op)];
  if (sameShape(x.shape, t.shape)) return;
  const hint = 'Reshape one of them, or broadcast it with broadcastTo where that is meant';
  throw new ShapeError(
    op,
    [{ rule: 'the target has the shape of the input', received: t.shape, expected: x.shape, hint }],
    {
      input: x.shape,
      target: t.shape,
    },
  );
}

/** Throws a ShapeError unless `extra`, an option of that name, broadcasts to the input's shape. */
export function checkBroadcasts(op: string, name: string, input: Tensor, extra: Tensor): void {
  const wide = broadcastShapes(op, input.shape, extra.shape);
  if (sameShape(wide, input.shape)) return;
  throw new ShapeError(op, [
    { rule: `${name} must broadcast to the shape of the input`, received: extra.shape, expected: input.shape },
  ]);
}

/** Losses, each times its weight if there are weights. */
export function weighted(op: string, losses: Tensor, weight: Tensor | undefined): Tensor {
  if (weight === undefined) return losses;
  checkBroadcasts(op, 'weight', losses, weight);
  return mul(losses, weight);
}

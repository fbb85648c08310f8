import type { Empty, Layer } from '@lemmata/nn';
import { OptionError, type Shape } from '@lemmata/shape';
import {
  apply,
  bernoulli,
  broadcastTo,
  call,
  elementwise,
  formatSpec,
  isFloat,
  type OpDef,
  type Tensor,
  zerosLike,
} from '@lemmata/tensor';

/** (mask, x) → x · scale where the mask holds, else 0, also for NaN. */
export const Drop: OpDef<{ readonly scale: number }> = elementwise({
  name: 'drop',
  linearIn: [1],
  expr: ({ scale }, mask, x) => call('select', mask, call('mul', x, scale), 0),
});

/** What is drawn, and whether. */
export interface Draw {
  /** The probability with which something is dropped. */
  readonly p: number;
  readonly train: boolean;
}

/**
 * Where x stays: truth values in the shape of x, drawn in `shape`, which is broadcast to it. 'all' or 'none' where there is
 * nothing to draw: in inference, and for p = 0 or 1.
 */
export function keptOf(
  op: string,
  x: Tensor,
  key: Tensor | null | undefined,
  { p, train }: Draw,
  shape: Shape,
): Tensor | 'all' | 'none' {
  const reasons: string[] = [];
  if (typeof train !== 'boolean') reasons.push(`train must be true or false, received ${String(train)}`);
  if (!isFloat(x.dtype))
    reasons.push(`x must hold float32 or float64, received ${formatSpec(x.spec)}; convert with cast`);
  if (reasons.length > 0) throw new OptionError(op, reasons);
  if (!train || p === 0) return 'all';
  if (p === 1) return 'none';
  if (key === null || key === undefined) {
    throw new OptionError(op, [
      'training needs a key; give the model one: apply(params, state, x, { train: true, key })',
    ]);
  }
  return broadcastTo(bernoulli(key, 1 - p, shape), x.shape);
}

/** x with what a mask of `shape` drops set to 0, and the rest divided by 1 − p. */
export function drop(op: string, x: Tensor, key: Tensor | null | undefined, draw: Draw, shape: Shape): Tensor {
  const kept = keptOf(op, x, key, draw, shape);
  if (kept === 'all') return x;
  // No scale: 1 / (1 − p) is infinite.
  if (kept === 'none') return zerosLike(x);
  return apply(Drop, { scale: 1 / (1 - draw.p) }, [kept, x])[0];
}

/** A probability from 0 to 1. */
export function checkedP(op: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new OptionError(op, [`p must be from 0 to 1, received ${p}`]);
  return p;
}

/** A layer without parameters and state that drops in training. `check` refuses input shapes. */
export function droppingLayer(
  kind: string,
  f: (x: Tensor, key: Tensor | undefined, train: boolean) => Tensor,
  check: (inputShape: Shape) => void = () => {},
): Layer<Empty, Empty> {
  return {
    kind,
    init(_key, inputShape) {
      check(inputShape);
      return { params: {}, state: {}, outputShape: inputShape };
    },
    apply: (_params, state, x, { train, key }) => [f(x, key, train), state],
  };
}

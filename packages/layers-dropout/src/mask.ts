import { checkProbability, dropped, type Empty, keptMask, type Layer } from '@lemmata/nn';
import { formatValue, OptionError, type Shape } from '@lemmata/shape';
import { formatSpec, isFloat, type Tensor } from '@lemmata/tensor';

export { Drop } from '@lemmata/nn';

/** What is drawn, and whether. */
export interface Draw {
  /** The probability with which something is dropped. */
  readonly p: number;
  readonly train: boolean;
}

function check(op: string, x: Tensor, train: boolean): void {
  const reasons: string[] = [];
  if (typeof train !== 'boolean') reasons.push(`train must be true or false, received ${formatValue(train)}`);
  if (!isFloat(x.dtype))
    reasons.push(`x must hold float32 or float64, received ${formatSpec(x.spec)}; convert with cast`);
  if (reasons.length > 0) throw new OptionError(op, reasons);
}

/** Where x stays, see `keptMask`; in inference everywhere. */
export function keptOf(
  op: string,
  x: Tensor,
  key: Tensor | null | undefined,
  { p, train }: Draw,
  shape: Shape,
): Tensor | 'all' | 'none' {
  check(op, x, train);
  return train ? keptMask(op, x, key, p, shape) : 'all';
}

/** x with what a mask of `shape` drops set to 0, and the rest divided by 1 − p; in inference x. */
export function drop(op: string, x: Tensor, key: Tensor | null | undefined, { p, train }: Draw, shape: Shape): Tensor {
  check(op, x, train);
  return train ? dropped(op, x, key, p, shape) : x;
}

/** A probability from 0 to 1. */
export function checkedP(op: string, p: number): number {
  checkProbability(op, 'p', p);
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

import { formatValue, OptionError, type Shape, unknownOptions } from '@lemmata/shape';
import { apply, bernoulli, broadcastTo, call, elementwise, type OpDef, type Tensor, zerosLike } from '@lemmata/tensor';

/** (mask, x) → x · scale where the mask holds, else 0, also for NaN. */
export const Drop: OpDef<{ readonly scale: number }> = elementwise({
  name: 'drop',
  linearIn: [1],
  expr: ({ scale }, mask, x) => call('select', mask, call('mul', x, scale), 0),
});

/**
 * Where x stays if each element of `shape`, which is broadcast to that of x, is dropped with probability p: truth values in the shape
 * of x. 'all' or 'none' where there is nothing to draw, for p = 0 or 1.
 *
 * @throws OptionError without a key, where one is needed.
 */
export function keptMask(
  op: string,
  x: Tensor,
  key: Tensor | null | undefined,
  p: number,
  shape: Shape = x.shape,
): Tensor | 'all' | 'none' {
  if (p === 0) return 'all';
  if (p === 1) return 'none';
  if (key === null || key === undefined)
    throw new OptionError(op, [
      'dropout needs a key; give the model one: apply(params, state, x, { train: true, key })',
    ]);
  return broadcastTo(bernoulli(key, 1 - p, shape), x.shape);
}

/** x with what {@link keptMask} drops set to 0, and the rest divided by 1 − p: the dropout of all layers. */
export function dropped(
  op: string,
  x: Tensor,
  key: Tensor | null | undefined,
  p: number,
  shape: Shape = x.shape,
): Tensor {
  const kept = keptMask(op, x, key, p, shape);
  if (kept === 'all') return x;
  // No scale: 1 / (1 − p) is infinite.
  if (kept === 'none') return zerosLike(x);
  return apply(Drop, { scale: 1 / (1 - p) }, [kept, x])[0]!;
}

/** @throws OptionError unless p is from 0 to 1. */
export function checkProbability(op: string, name: string, p: number): void {
  if (!(typeof p === 'number' && p >= 0 && p <= 1))
    throw new OptionError(op, [`${name} must be from 0 to 1, received ${formatValue(p)}`]);
}

/** Dropout inside of a function: without it nothing is dropped. */
export interface KeyedDropout {
  /** The probability with which an element becomes 0, from 0 to 1; the others are divided by 1 − p. */
  readonly p: number;
  /** int32[2], to be used for nothing else. */
  readonly key: Tensor;
}

/** @throws OptionError for what is no {@link KeyedDropout}: a p outside of 0 … 1, or unknown members. */
export function checkKeyedDropout(op: string, dropout: KeyedDropout | null): void {
  if (dropout === null) return;
  if (typeof dropout !== 'object')
    throw new OptionError(op, [`dropout must be { p, key }, or null for none, received ${formatValue(dropout)}`]);
  unknownOptions(op, dropout, ['p', 'key']);
  checkProbability(op, 'dropout.p', dropout.p);
}

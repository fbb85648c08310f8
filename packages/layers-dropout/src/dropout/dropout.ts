import type { Empty, Layer } from '@lemmata/nn';
import { OptionError, unknownOptions } from '@lemmata/shape';
import {
  apply,
  bernoulli,
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

export interface DropoutLayerOptions {
  /** The probability with which an element is dropped, from 0 to 1. Default 0.5. */
  readonly p?: number;
}

export interface DropoutOptions extends DropoutLayerOptions {
  /** Whether to drop at all. Must be given, so that no one drops in inference unawares. */
  readonly train: boolean;
}

/**
 * In training each element is 0 with probability p, and x / (1 − p) otherwise, so that its mean stays; in inference x
 * itself. The mask is a function of the key: the same key drops the same elements, and the gradient passes where x did.
 *
 * @param x float32 or float64 of any shape
 * @param key int32[2], to be used for nothing else; may be null where nothing is drawn (inference, p = 0 or 1)
 * @throws OptionError for p outside of 0 … 1, unknown options, or training without a key.
 *
 * Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html, with the scale in training.
 */
export function dropout(x: Tensor, key: Tensor | null | undefined, options: DropoutOptions): Tensor {
  unknownOptions('dropout', options, ['p', 'train']);
  const { train } = options;
  const p = checkedP('dropout', options);
  const reasons: string[] = [];
  if (typeof train !== 'boolean') reasons.push(`train must be true or false, received ${String(train)}`);
  if (!isFloat(x.dtype))
    reasons.push(`x must hold float32 or float64, received ${formatSpec(x.spec)}; convert with cast`);
  if (reasons.length > 0) throw new OptionError('dropout', reasons);
  if (!train || p === 0) return x;
  // No mask: 1 / (1 − p) is infinite.
  if (p === 1) return zerosLike(x);
  if (key === null || key === undefined) {
    throw new OptionError('dropout', [
      'training needs a key; give the model one: apply(params, state, x, { train: true, key })',
    ]);
  }
  const keep = bernoulli(key, 1 - p, x.shape);
  return apply(Drop, { scale: 1 / (1 - p) }, [keep, x])[0];
}

/** {@link dropout} as a layer; the context tells mode and key. In `sequential` every layer has a key of its own. */
export function dropoutLayer(options: DropoutLayerOptions = {}): Layer<Empty, Empty> {
  unknownOptions('dropoutLayer', options, ['p']);
  const p = checkedP('dropoutLayer', options);
  return {
    kind: 'dropout',
    init: (_key, inputShape) => ({ params: {}, state: {}, outputShape: inputShape }),
    apply: (_params, state, x, { train, key }) => [dropout(x, key, { p, train }), state],
  };
}

function checkedP(op: string, { p = 0.5 }: DropoutLayerOptions): number {
  if (!(Number.isFinite(p) && p >= 0 && p <= 1)) throw new OptionError(op, [`p must be from 0 to 1, received ${p}`]);
  return p;
}

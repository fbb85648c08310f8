import type { Empty, Layer } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { checkedP, drop, droppingLayer } from '../mask.js';

export { Drop } from '../mask.js';

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
  const { p = 0.5, train } = options;
  return drop('dropout', x, key, { p: checkedP('dropout', p), train }, x.shape);
}

/** {@link dropout} as a layer; the context tells mode and key. In `sequential` every layer has a key of its own. */
export function dropoutLayer(options: DropoutLayerOptions = {}): Layer<Empty, Empty> {
  unknownOptions('dropoutLayer', options, ['p']);
  const p = checkedP('dropoutLayer', options.p ?? 0.5);
  return droppingLayer('dropout', (x, key, train) => dropout(x, key, { p, train }));
}

import type { Empty, Layer } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import { apply, call, elementwise, type OpDef, type Tensor, zerosLike } from '@lemmata/tensor';
import type { DropoutLayerOptions, DropoutOptions } from '../dropout/index.js';
import { checkedP, droppingLayer, keptOf } from '../mask.js';

/** What SELU gives for −∞: −λα, with the constants of Klambauer et al. 2017. */
const SATURATED = -1.0507009873554805 * 1.6732632423543772;

/** (mask, x) → x · scale + shift where the mask holds, else a constant, also for NaN. */
export const AlphaDrop: OpDef<{ readonly scale: number; readonly shift: number; readonly dropped: number }> =
  elementwise({
    name: 'alphaDrop',
    expr: ({ scale, shift, dropped }, mask, x) =>
      call('select', mask, call('add', call('mul', x, scale), shift), dropped),
  });

/**
 * Dropout that keeps mean 0 and variance 1, for networks of SELU: in training an element is replaced by −λα, the lowest that SELU
 * gives, with probability p, and then all are mapped by a · x + b, with a and b such that mean and variance stay; in inference x
 * itself.
 *
 * @param x float32 or float64 of any shape
 * @param key int32[2], to be used for nothing else; may be null where nothing is drawn (inference, p = 0 or 1)
 * @returns as x; zeros for p = 1, where a and b are infinite
 * @throws OptionError for p outside of 0 … 1, unknown options, or training without a key.
 *
 * Source: Klambauer et al. 2017, https://arxiv.org/abs/1706.02515, §"New dropout technique".
 */
export function alphaDropout(x: Tensor, key: Tensor | null | undefined, options: DropoutOptions): Tensor {
  unknownOptions('alphaDropout', options, ['p', 'train']);
  const { p = 0.5, train } = options;
  checkedP('alphaDropout', p);
  const kept = keptOf('alphaDropout', x, key, { p, train }, x.shape);
  if (kept === 'all') return x;
  if (kept === 'none') return zerosLike(x);
  // Of a mixture of x (mean 0, variance 1) and the constant s: mean p s, variance (1 − p) (1 + p s²).
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SATURATED ** 2));
  const shift = -scale * p * SATURATED;
  return apply(AlphaDrop, { scale, shift, dropped: scale * SATURATED + shift }, [kept, x])[0];
}

/** {@link alphaDropout} as a layer; the context tells mode and key. */
export function alphaDropoutLayer(options: DropoutLayerOptions = {}): Layer<Empty, Empty> {
  unknownOptions('alphaDropoutLayer', options, ['p']);
  const p = checkedP('alphaDropoutLayer', options.p ?? 0.5);
  return droppingLayer('alphaDropout', (x, key, train) => alphaDropout(x, key, { p, train }));
}

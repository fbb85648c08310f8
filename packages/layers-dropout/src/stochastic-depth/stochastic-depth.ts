import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { checkedP, drop, droppingLayer } from '../mask.js';

export interface StochasticDepthLayerOptions {
  /** The probability with which a sample is dropped, from 0 to 1. */
  readonly p: number;
  /** `'row'`: each sample on its own; `'batch'`: all or none. Default `'row'`. */
  readonly mode?: 'row' | 'batch';
}

export interface StochasticDepthOptions extends StochasticDepthLayerOptions {
  /** Whether to drop at all. Must be given, so that no one drops in inference unawares. */
  readonly train: boolean;
}

/**
 * In training each sample, or the batch, is 0 altogether with probability p, and x / (1 − p) otherwise; in inference x itself.
 * At the end of a residual branch it leaves the shortcut alone: x + stochasticDepth(branch(x)).
 *
 * @param x [N, ...], float32 or float64
 * @param key int32[2], to be used for nothing else; may be null where nothing is drawn (inference, p = 0 or 1)
 * @throws ShapeError for a scalar; OptionError for p outside of 0 … 1, other modes, unknown options, or training without a key.
 *
 * Source: Huang et al. 2016, https://arxiv.org/abs/1603.09382, with the scale in training, as in torchvision.
 */
export function stochasticDepth(x: Tensor, key: Tensor | null | undefined, options: StochasticDepthOptions): Tensor {
  unknownOptions('stochasticDepth', options, ['p', 'mode', 'train']);
  const { p, mode } = settled('stochasticDepth', options);
  if (x.rank === 0) throw new ShapeError('stochasticDepth', [{ rule: 'x is [N, ...]', received: x.shape }]);
  const shape = x.shape.map((n, axis) => (axis === 0 && mode === 'row' ? n : 1));
  return drop('stochasticDepth', x, key, { p, train: options.train }, shape);
}

/**
 * {@link stochasticDepth} as a layer; the context tells mode and key.
 *
 * @example
 * residual(sequential({ conv, norm, drop: stochasticDepthLayer({ p: 0.1 }) }))
 */
export function stochasticDepthLayer(options: StochasticDepthLayerOptions): Layer<Empty, Empty> {
  unknownOptions('stochasticDepthLayer', options, ['p', 'mode']);
  const given = settled('stochasticDepthLayer', options);
  return droppingLayer('stochasticDepth', (x, key, train) => stochasticDepth(x, key, { ...given, train }));
}

function settled(op: string, { p, mode = 'row' }: StochasticDepthLayerOptions): Required<StochasticDepthLayerOptions> {
  if (mode !== 'row' && mode !== 'batch')
    throw new OptionError(op, [`mode must be 'row' or 'batch', received ${formatValue(mode)}`]);
  return { p: checkedP(op, p), mode };
}

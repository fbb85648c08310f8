import type { Empty, Layer } from '@lemmata/nn';
import { ShapeError, type Shape, unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import type { DropoutLayerOptions, DropoutOptions } from '../dropout/index.js';
import { checkedP, drop, droppingLayer } from '../mask.js';

type Spatial = 1 | 2 | 3;

/**
 * In training each channel of each sample is 0 altogether with probability p, and x / (1 − p) otherwise; in inference x itself.
 * Neighbours in space are much alike: what is dropped alone, they tell; what is dropped with them is gone.
 *
 * @param x [N, C, L] or [C, L], float32 or float64
 * @param key int32[2], to be used for nothing else; may be null where nothing is drawn (inference, p = 0 or 1)
 * @throws ShapeError for other axes; OptionError for p outside of 0 … 1, unknown options, or training without a key.
 *
 * Source: Tompson et al. 2015, https://arxiv.org/abs/1411.4280.
 */
export function dropout1d(x: Tensor, key: Tensor | null | undefined, options: DropoutOptions): Tensor {
  return dropChannels(1, x, key, options);
}

/** {@link dropout1d} for x [N, C, H, W] or [C, H, W]. */
export function dropout2d(x: Tensor, key: Tensor | null | undefined, options: DropoutOptions): Tensor {
  return dropChannels(2, x, key, options);
}

/** {@link dropout1d} for x [N, C, D, H, W] or [C, D, H, W]. */
export function dropout3d(x: Tensor, key: Tensor | null | undefined, options: DropoutOptions): Tensor {
  return dropChannels(3, x, key, options);
}

/** {@link dropout1d} as a layer for inputs [C, L]; the context tells mode and key. */
export function dropout1dLayer(options: DropoutLayerOptions = {}): Layer<Empty, Empty> {
  return channelLayer(1, options);
}

/** {@link dropout2d} as a layer for inputs [C, H, W]. */
export function dropout2dLayer(options: DropoutLayerOptions = {}): Layer<Empty, Empty> {
  return channelLayer(2, options);
}

/** {@link dropout3d} as a layer for inputs [C, D, H, W]. */
export function dropout3dLayer(options: DropoutLayerOptions = {}): Layer<Empty, Empty> {
  return channelLayer(3, options);
}

const AXES = { 1: 'L', 2: 'H, W', 3: 'D, H, W' } as const;

function dropChannels(rank: Spatial, x: Tensor, key: Tensor | null | undefined, options: DropoutOptions): Tensor {
  const op = `dropout${rank}d`;
  unknownOptions(op, options, ['p', 'train']);
  const { p = 0.5, train } = options;
  const draw = { p: checkedP(op, p), train };
  if (x.rank !== rank + 1 && x.rank !== rank + 2) {
    throw new ShapeError(op, [{ rule: `x is [N, C, ${AXES[rank]}] or [C, ${AXES[rank]}]`, received: x.shape }]);
  }
  const shape = x.shape.map((n, axis) => (axis < x.rank - rank ? n : 1));
  return drop(op, x, key, draw, shape);
}

function channelLayer(rank: Spatial, options: DropoutLayerOptions): Layer<Empty, Empty> {
  const op = `dropout${rank}d`;
  unknownOptions(`${op}Layer`, options, ['p']);
  const p = checkedP(`${op}Layer`, options.p ?? 0.5);
  return droppingLayer(
    op,
    (x, key, train) => dropChannels(rank, x, key, { p, train }),
    (inputShape: Shape) => {
      if (inputShape.length === rank + 1) return;
      throw new ShapeError(op, [
        { rule: `the input is [C, ${AXES[rank]}], without the batch`, received: [...inputShape] },
      ]);
    },
  );
}

import { type Initialiser, type Layer, functionLayer, type Empty, zeros } from '@lemmata/nn';
import { ShapeError } from '@lemmata/shape';
import { add, broadcastTo, concat, flatten, permute, type Tensor } from '@lemmata/tensor';

/** The places of [E, H, W], row by row, as tokens [H · W, E]. */
export function tokensLayer(): Layer<Empty, Empty> {
  return functionLayer(
    'tokens',
    (x) => permute(flatten(x, 2), [0, 2, 1]),
    ([features, ...sizes]) => [sizes.reduce((a, b) => a * b, 1), features!],
  );
}

/** A token that is learnt, in front of all others: [L, E] → [1 + L, E]. Its parameter is the token itself, [1, 1, E]. */
export function classTokenLayer(): Layer<Tensor, Empty> {
  return {
    kind: 'classToken',
    init: (key, [length, features]) => ({
      params: zeros(key, [1, 1, features!]),
      state: {},
      outputShape: [length! + 1, features!],
    }),
    apply: (token, state, x) => [concat([broadcastTo(token, [x.shape[0]!, 1, x.shape[2]!]), x], 1), state],
    window: () => null,
  };
}

/** Adds a vector that is learnt to every token: [L, E] → [L, E]. Its parameter is [1, L, E]. */
export function tokenPositionsLayer(init: Initialiser): Layer<Tensor, Empty> {
  return {
    kind: 'tokenPositions',
    init: (key, inputShape) => ({ params: init(key, [1, ...inputShape]), state: {}, outputShape: inputShape }),
    apply(positions, state, x) {
      if (x.shape[1] !== positions.shape[1]) {
        const rule = `there are ${positions.shape[1]} positions`;
        throw new ShapeError('tokenPositions', [{ rule, received: x.shape[1], hint: 'Give images of one size' }]);
      }
      return [add(x, positions), state];
    },
    window: () => null,
  };
}

import type { Layer } from '@lemmata/nn';
import { constantOf } from '@lemmata/nn';
import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, reshape, type Tensor } from '@lemmata/tensor';

/** Inputs: x and the slope for x ≤ 0. */
export const Prelu: OpDef = elementwise({
  name: 'prelu',
  expr: (_, x, slope) => call('select', call('gt', x, 0), x, call('mul', slope, x)),
});

/**
 * x for x > 0, else weight · x. The derivative at 0 is the weight.
 *
 * @param x [N, C, ...], or fewer axes for a weight of one element.
 * @param weight [1] or [] for all channels, or [C].
 * @throws ShapeError for a weight of another shape.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.rank < 2 ? 1 : x.shape[1];
  if (weight.rank > 1 || (weight.size !== 1 && weight.size !== channels)) {
    const rule = `weight has one element, or one for each of the ${channels} channels`;
    throw new ShapeError(
      'prelu',
      [{ rule, received: weight.shape, expected: channels === 1 ? [1] : `[1] or [${channels}]` }],
      { x: x.shape, weight: weight.shape },
    );
  }
  // One element broadcasts whatever the channels; an empty axis of channels needs it, too.
  const slope = weight.size === 1 ? reshape(weight, []) : reshape(weight, [channels, ...x.shape.slice(2).map(() => 1)]);
  return applyElementwise(Prelu, NO_ATTRS, [x, slope], 'float');
}

export interface PreluOptions {
  /** Learnt slopes: 1 for all channels, or as many as the input has channels. Default 1. */
  readonly numParameters?: number;
  /** Their first value. Default 0.25. */
  readonly init?: number;
}

/** {@link prelu} as a layer. Parameters: `weight` [numParameters]. */
export function preluLayer(options: PreluOptions = {}): Layer<{ readonly weight: Tensor }, {}> {
  unknownOptions('preluLayer', options, ['numParameters', 'init']);
  const { numParameters = 1, init = 0.25 } = options;
  const wrong: string[] = [];
  if (!Number.isSafeInteger(numParameters) || numParameters < 1)
    wrong.push(`numParameters must be a positive integer, received ${formatValue(numParameters)}`);
  if (!Number.isFinite(init)) wrong.push(`init must be a finite number, received ${formatValue(init)}`);
  if (wrong.length > 0) throw new OptionError('preluLayer', wrong);
  return {
    kind: 'prelu',
    init(key, inputShape) {
      if (numParameters !== 1 && numParameters !== inputShape[0]) {
        throw new ShapeError(
          'prelu',
          [
            {
              rule: 'numParameters is 1 or the number of channels',
              received: numParameters,
              expected: inputShape[0],
              axis: 0,
            },
          ],
          { input: inputShape },
        );
      }
      return { params: { weight: constantOf(init)(key, [numParameters]) }, state: {}, outputShape: inputShape };
    },
    apply: ({ weight }, state, x) => [prelu(x, weight), state],
  };
}

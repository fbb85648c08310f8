import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, Problems, unknownOptions } from '@lemmata/shape';
import { type AffineParams, affineParams } from '../affine.js';
import { type AffineOptions, affineReasons, refuse } from '../options.js';
import { groupNorm } from './group-norm.js';
import { checkGroups, checkSingles } from './op.js';

export interface GroupNormLayerOptions extends AffineOptions {
  /** Blocks of consecutive channels; it divides their number. */
  readonly groups: number;
}

/**
 * {@link groupNorm} of inputs [C, ...spatial]. Parameters: `weight` [C] (ones at first) and `bias` [C] (zeros). Both modes
 * are the same.
 *
 * @throws ShapeError for channels that the groups do not divide; OptionError for options it does not know.
 *
 * Source: Wu & He 2018, https://arxiv.org/abs/1803.08494; conventions of torch.nn.GroupNorm.
 */
export function groupNormLayer(options: GroupNormLayerOptions): Layer<AffineParams, Empty> {
  unknownOptions('groupNormLayer', options, ['groups', 'eps', 'affine', 'bias']);
  const { groups, affine = true, bias = true, eps } = options;
  const reasons = affineReasons({ eps, affine, bias });
  if (!Number.isSafeInteger(groups) || groups < 1)
    reasons.unshift(`groups must be a positive integer, received ${formatValue(groups)}`);
  refuse('groupNormLayer', reasons);
  return {
    kind: 'groupNorm',
    init(_key, inputShape) {
      const problems = new Problems('groupNorm');
      const [channels] = inputShape;
      if (channels === undefined)
        problems.add({ rule: 'the input is [C, ...spatial], without the batch', received: [...inputShape] });
      else {
        checkGroups(problems, groups, channels);
        checkSingles(problems, 'groupNorm', [1, ...inputShape], groups);
      }
      problems.throwIfAny({ input: inputShape });
      return { params: affineParams([channels], affine, bias), state: {}, outputShape: inputShape };
    },
    apply: ({ weight, bias: shift }, state, x) => [
      groupNorm(x, groups, weight, shift, eps === undefined ? {} : { eps }),
      state,
    ],
    // Statistics are over all of space.
    window: () => null,
  };
}

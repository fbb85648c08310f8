import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export const Silu: OpDef = elementwise({ name: 'silu', expr: (_, x) => call('mul', x, call('sigmoid', x)) });

/**
 * x · σ(x), also called swish.
 *
 * Source: Elfwing et al. 2017, https://arxiv.org/abs/1702.03118
 */
export function silu(x: Tensor): Tensor {
  return applyElementwise(Silu, NO_ATTRS, [x], 'float');
}

/** {@link silu} as a layer. */
export function siluLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('siluLayer', options, []);
  return functionLayer('silu', silu);
}

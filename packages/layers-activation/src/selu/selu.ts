import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

export const Selu: OpDef = elementwise({
  name: 'selu',
  expr: (_, x) => call('select', call('gt', x, 0), call('mul', SCALE, x), call('mul', SCALE * ALPHA, call('expm1', x))),
});

/**
 * λx for x > 0, else λα(eˣ − 1), with λ = 1.0507… and α = 1.6732…: the values for which mean 0 and variance 1 are a fixed
 * point from layer to layer. Its weights want `lecunNormal`.
 *
 * Source: Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
 */
export function selu(x: Tensor): Tensor {
  return applyElementwise(Selu, NO_ATTRS, [x], 'float');
}

/** {@link selu} as a layer. */
export function seluLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('seluLayer', options, []);
  return functionLayer('selu', selu);
}

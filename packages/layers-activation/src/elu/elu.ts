import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers } from '../options.js';

export interface EluOptions {
  /** What it tends to for very negative x, with the opposite sign. Default 1. */
  readonly alpha?: number;
}

export const Elu: OpDef<Required<EluOptions>> = elementwise({
  name: 'elu',
  expr: ({ alpha }, x) => call('select', call('gt', x, 0), x, call('mul', alpha, call('expm1', x))),
});

/**
 * x for x > 0, else α(eˣ − 1). The derivative at 0 is α.
 *
 * Source: Clevert et al. 2015, https://arxiv.org/abs/1511.07289
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  checkNumbers('elu', options, ['alpha']);
  const { alpha = 1 } = options;
  return applyElementwise(Elu, { alpha }, [x], 'float');
}

/** {@link elu} as a layer. */
export function eluLayer(options: EluOptions = {}): Layer<Empty, Empty> {
  checkNumbers('eluLayer', options, ['alpha']);
  return functionLayer('elu', (x) => elu(x, options));
}

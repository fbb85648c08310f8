import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers } from '../options.js';

export interface CeluOptions {
  /** What it tends to for very negative x, with the opposite sign, and how far it takes. Not 0; default 1. */
  readonly alpha?: number;
}

export const Celu: OpDef<Required<CeluOptions>> = elementwise({
  name: 'celu',
  expr: ({ alpha }, x) => call('select', call('gt', x, 0), x, call('mul', alpha, call('expm1', call('div', x, alpha)))),
});

const NOT_ZERO = { rule: 'finite number other than 0', test: (alpha: number): boolean => alpha !== 0 };

/**
 * x for x > 0, else α(e^(x/α) − 1): unlike `elu`, with the derivative 1 at 0 for every α.
 *
 * Source: Barron 2017, https://arxiv.org/abs/1704.07483
 */
export function celu(x: Tensor, options: CeluOptions = {}): Tensor {
  checkNumbers('celu', options, ['alpha'], NOT_ZERO);
  const { alpha = 1 } = options;
  return applyElementwise(Celu, { alpha }, [x], 'float');
}

/** {@link celu} as a layer. */
export function celuLayer(options: CeluOptions = {}): Layer<Empty, Empty> {
  checkNumbers('celuLayer', options, ['alpha'], NOT_ZERO);
  return functionLayer('celu', (x) => celu(x, options));
}

import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { OptionError } from '@lemmata/shape';
import { checkNumbers } from '../options.js';

export interface SoftplusOptions {
  /** Sharpness of the bend. Default 1. */
  readonly beta?: number;
  /** Where β · x is above it, the result is x itself. Default 20. */
  readonly threshold?: number;
}

export const Softplus: OpDef<Required<SoftplusOptions>> = elementwise({
  name: 'softplus',
  expr: ({ beta, threshold }, x) => {
    const scaled = call('mul', beta, x);
    return call('select', call('gt', scaled, threshold), x, call('div', call('softplus', scaled), beta));
  },
});

/**
 * ln(1 + e^(βx)) / β, a smooth ReLU, without overflow; x itself where βx is above the threshold.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  return applyElementwise(Softplus, checked('softplus', options), [x], 'float');
}

/** {@link softplus} as a layer. */
export function softplusLayer(options: SoftplusOptions = {}): Layer<Empty, Empty> {
  checked('softplusLayer', options);
  return functionLayer('softplus', (x) => softplus(x, options));
}

function checked(op: string, options: SoftplusOptions): Required<SoftplusOptions> {
  checkNumbers(op, options, ['beta', 'threshold']);
  const { beta = 1, threshold = 20 } = options;
  if (beta === 0) throw new OptionError(op, ['beta must not be 0']);
  return { beta, threshold };
}

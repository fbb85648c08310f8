import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers } from '../options.js';

export interface HardtanhOptions {
  /** Default −1. */
  readonly min?: number;
  /** Not below `min`. Default 1. */
  readonly max?: number;
}

export const Hardtanh: OpDef<Required<HardtanhOptions>> = elementwise({
  name: 'hardtanh',
  expr: ({ min, max }, x) => call('select', call('le', x, min), min, call('select', call('ge', x, max), max, x)),
});

/**
 * min(max(x, min), max), a tanh of three straight pieces. The derivative is 0 at both bounds; that of `clamp` is 1.
 *
 * @throws OptionError for bounds that are not finite, or a `min` above `max`.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  return applyElementwise(Hardtanh, checked('hardtanh', options), [x], 'float');
}

/** {@link hardtanh} as a layer. */
export function hardtanhLayer(options: HardtanhOptions = {}): Layer<Empty, Empty> {
  checked('hardtanhLayer', options);
  return functionLayer('hardtanh', (x) => hardtanh(x, options));
}

function checked(op: string, options: HardtanhOptions): Required<HardtanhOptions> {
  checkNumbers(op, options, ['min', 'max']);
  const { min = -1, max = 1 } = options;
  if (min > max) throw new OptionError(op, [`min must not be above max, received ${min} and ${max}`]);
  return { min, max };
}

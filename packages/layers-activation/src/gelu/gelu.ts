import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';

export interface GeluOptions {
  /** `none`: exact (default). `tanh`: an approximation without the error function, at most 0.0005 away. */
  readonly approximate?: 'none' | 'tanh';
}

/** √(8/π): twice the √(2/π) of the usual formula, as ½(1 + tanh z) is written σ(2z), which is exact in the tail. */
const SLOPE = Math.sqrt(8 / Math.PI);

export const Gelu: OpDef<Required<GeluOptions>> = elementwise({
  name: 'gelu',
  expr({ approximate }, x) {
    if (approximate === 'tanh') {
      const cubic = call('mul', 0.044715, call('mul', x, call('mul', x, x)));
      return call('mul', x, call('sigmoid', call('mul', SLOPE, call('add', x, cubic))));
    }
    // erfc and not 1 + erf, which loses all digits for very negative x.
    return call('mul', call('mul', 0.5, x), call('erfc', call('mul', -Math.SQRT1_2, x)));
  },
});

/**
 * x · Φ(x), with Φ the probability that a standard normal variable is below x.
 *
 * Source: Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  return applyElementwise(Gelu, checked('gelu', options), [x], 'float');
}

/** {@link gelu} as a layer. */
export function geluLayer(options: GeluOptions = {}): Layer<Empty, Empty> {
  checked('geluLayer', options);
  return functionLayer('gelu', (x) => gelu(x, options));
}

function checked(op: string, options: GeluOptions): Required<GeluOptions> {
  unknownOptions(op, options, ['approximate']);
  const { approximate = 'none' } = options;
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw new OptionError(op, [`approximate is 'none' or 'tanh', received ${formatValue(approximate)}`]);
  }
  return { approximate };
}

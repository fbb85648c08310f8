import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { apply, applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

/** The derivative of the quotient would be 1 / (1 + |x|) − |x| / (1 + |x|)², which loses its digits where x is large. */
export const Softsign: OpDef = {
  ...elementwise({ name: 'softsign', expr: (_, x) => call('div', x, call('add', 1, call('abs', x))) }),
  vjp: (_attrs, [upstream], [x]) => [upstream === null ? null : apply(SoftsignGradient, NO_ATTRS, [x, upstream])[0]],
};

/** upstream / (1 + |x|)² */
const SoftsignGradient: OpDef = elementwise({
  name: 'softsign.gradient',
  expr(_, x, upstream) {
    const part = call('div', 1, call('add', 1, call('abs', x)));
    return call('chain', upstream, call('mul', part, part));
  },
});

/**
 * x / (1 + |x|): between −1 and 1 like tanh, but slow to arrive.
 *
 * Source: Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function softsign(x: Tensor): Tensor {
  return applyElementwise(Softsign, NO_ATTRS, [x], 'float');
}

/** {@link softsign} as a layer. */
export function softsignLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('softsignLayer', options, []);
  return functionLayer('softsign', softsign);
}

import { apply } from '../interpreter.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const StopGradient: OpDef = {
  name: 'stopGradient',
  constant: true,
  infer: (_attrs, x) => [x],
  alias: (_attrs, layout) => layout,
  reference(_attrs, [x], [out]) {
    out.data.set(x.data);
  },
  vjp: () => [null],
};

/** The same values, as a constant for every gradient (PyTorch's detach). */
export function stopGradient(x: Tensor): Tensor {
  return apply(StopGradient, NO_ATTRS, [x])[0];
}

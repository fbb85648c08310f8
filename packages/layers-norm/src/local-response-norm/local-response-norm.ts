import type { Empty, Layer } from '@lemmata/nn';
import { functionLayer } from '@lemmata/nn';
import { formatValue, ShapeError, unknownOptions } from '@lemmata/shape';
import { apply, applyElementwise, call, elementwise, isFloat, type OpDef, square, type Tensor } from '@lemmata/tensor';
import { refuse } from '../options.js';
import { ChannelWindowSum } from './op.js';

export interface LocalResponseNormOptions {
  /** Channels in a window, a positive integer. Of an even number one more lies before the channel than after it. */
  readonly size: number;
  /** Default 1e-4. It is divided by `size`: the sum of squares counts as a mean. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

type Settled = Required<LocalResponseNormOptions>;

/** (x, sum) → x / (k + alpha / size · sum)^beta */
export const Respond: OpDef<Settled> = elementwise({
  name: 'localResponseNorm',
  expr: ({ size, alpha, beta, k }, x, sum) =>
    call('div', x, call('pow', call('add', call('mul', sum, alpha / size), k), beta)),
});

/**
 * Each element divided by a power of what the channels around it have in the same place:
 * y_c = x_c / (k + α / size · Σ x_j²)^β over the channels j from c − ⌊size / 2⌋ to c + ⌊(size − 1) / 2⌋ that there are.
 *
 * @param x [N, C, ...spatial], float32 or float64
 * @returns as x
 * @throws ShapeError for another x; OptionError for a size that is no positive integer, or for unknown options.
 *
 * Source: Krizhevsky, Sutskever & Hinton 2012, §3.3; conventions of torch.nn.LocalResponseNorm. The paper does not divide α by
 * the size: its α is `alpha / size` here.
 */
export function localResponseNorm(x: Tensor, options: LocalResponseNormOptions): Tensor {
  const settled = settledOptions('localResponseNorm', options);
  const { size } = settled;
  if (!isFloat(x.dtype) || x.rank < 2) {
    throw new ShapeError('localResponseNorm', [
      { rule: 'x is [N, C, ...spatial] of float32 or float64', received: `${x.dtype} [${x.shape.join(', ')}]` },
    ]);
  }
  const window = { before: Math.floor(size / 2), after: Math.floor((size - 1) / 2) };
  return applyElementwise(Respond, settled, [x, apply(ChannelWindowSum, window, [square(x)])[0]]);
}

/** {@link localResponseNorm} as a layer: neither parameters nor state. */
export function localResponseNormLayer(options: LocalResponseNormOptions): Layer<Empty, Empty> {
  const settled = settledOptions('localResponseNormLayer', options);
  return functionLayer(
    'localResponseNorm',
    (x) => localResponseNorm(x, settled),
    (shape) => {
      if (shape.length > 0) return shape;
      throw new ShapeError('localResponseNorm', [
        { rule: 'the input is [C, ...spatial], without the batch', received: [...shape] },
      ]);
    },
  );
}

function settledOptions(op: string, options: LocalResponseNormOptions): Settled {
  unknownOptions(op, options, ['size', 'alpha', 'beta', 'k']);
  const { size, alpha = 1e-4, beta = 0.75, k = 1 } = options;
  const reasons: string[] = [];
  if (!Number.isSafeInteger(size) || size < 1)
    reasons.push(`size must be a positive integer, received ${formatValue(size)}`);
  for (const [name, value] of Object.entries({ alpha, beta, k })) {
    if (!Number.isFinite(value)) reasons.push(`${name} must be a finite number, received ${formatValue(value)}`);
  }
  refuse(op, reasons);
  return { size, alpha, beta, k };
}

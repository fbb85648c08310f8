import { type FanOptions, fans, type Initialiser, initialiserReasons, kaimingUniform, uniform } from '@lemmata/nn';
import { type PerAxis, Problems, type Shape } from '@lemmata/shape';
import { foldIn, type Tensor } from '@lemmata/tensor';

/** What every convolution layer is told besides how its window slides. */
export interface FilterOptions {
  /** Filters: channels of the output. */
  readonly outChannels: number;
  /** Elements that a filter spans along each spatial axis. */
  readonly kernelSize: PerAxis;
  /** Channels of the input. Default: those of the shape that `init` is given; a number is checked against it. */
  readonly inChannels?: number | undefined;
  /** Add a number to each output channel. Default true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight. Default: uniform within ±1 / √fanIn, with fanIn = ∏ of the weight's axes but the first. */
  readonly init?: Initialiser | undefined;
  /** Draws the bias. Default: uniform within ±1 / √fanIn of the weight. */
  readonly biasInit?: Initialiser | undefined;
}

export interface ConvParams {
  /** `[outChannels, inChannels / groups, ...kernel]`; transposed `[inChannels, outChannels / groups, ...kernel]` */
  readonly weight: Tensor;
  /** `[outChannels]`; absent with `bias: false`. */
  readonly bias?: Tensor;
}

export const FILTER_OPTIONS: readonly string[] = [
  'outChannels',
  'kernelSize',
  'inChannels',
  'bias',
  'init',
  'biasInit',
];

/** Adds what is wrong with channel numbers, groups and bias, whatever the input. */
export function checkFilters(
  problems: Problems,
  {
    outChannels,
    inChannels,
    bias,
    init,
    biasInit,
    groups = 1,
  }: Pick<FilterOptions, 'outChannels' | 'inChannels' | 'bias' | 'init' | 'biasInit'> & {
    readonly groups?: number | undefined;
  },
): void {
  const sizes = { outChannels, ...(inChannels === undefined ? {} : { inChannels }), groups };
  for (const [name, value] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      problems.add({ rule: `${name} must be an integer of at least 1`, received: value });
    } else if (Number.isSafeInteger(groups) && groups > 0 && value % groups !== 0) {
      problems.add({ rule: `groups ${groups} must divide ${name}`, received: value });
    }
  }
  for (const rule of initialiserReasons({ init, biasInit })) problems.add({ rule });
  if (bias !== undefined && typeof bias !== 'boolean')
    problems.add({ rule: 'bias must be true or false', received: bias });
}

/** Throws unless an input `[C, ...spatial]` of this rank has channels, and as many as were declared, if any were. */
export function checkInputChannels(
  kind: string,
  rank: number,
  inputShape: Shape,
  inChannels: number | undefined,
): void {
  if (inputShape.length !== rank + 1) return;
  const [received] = inputShape;
  const problems = new Problems(kind);
  if (received === 0) problems.add({ rule: 'the input must have at least one channel', received, axis: 0 });
  else if (inChannels !== undefined && inChannels !== received)
    problems.add({ rule: 'the input must have inChannels channels', received, expected: inChannels, axis: 0 });
  problems.throwIfAny({ input: inputShape });
}

/**
 * The uniform law within ±1 / √fanIn that PyTorch draws from: Kaiming's for a leaky ReLU of slope √5.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html (Variables)
 */
const defaultInit = kaimingUniform({ a: Math.sqrt(5) });

/**
 * Weight and bias. The defaults are PyTorch's, which takes for the fan of a transposed weight that of the convolution; an
 * initialiser of one's own is told `transposed`.
 */
export function drawParams(
  key: Tensor,
  shape: Shape,
  outChannels: number,
  fanOptions: FanOptions,
  { bias = true, init, biasInit }: Pick<FilterOptions, 'bias' | 'init' | 'biasInit'>,
): ConvParams {
  const groups = { groups: fanOptions.groups };
  const weightKey = foldIn(key, 0);
  const weight = init === undefined ? defaultInit(weightKey, shape, groups) : init(weightKey, shape, fanOptions);
  if (!bias) return { weight };
  const bound = 1 / Math.sqrt(fans(shape, groups).fanIn);
  const drawBias = biasInit ?? uniform({ low: -bound, high: bound });
  return { weight, bias: drawBias(foldIn(key, 1), [outChannels], fanOptions) };
}

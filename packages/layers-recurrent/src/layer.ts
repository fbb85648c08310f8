import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import { narrow, permute, reshape, type Tensor } from '@lemmata/tensor';
import type { RecurrentOptions } from './network.js';
import { drawParams, type NetworkParams, type Structure } from './params.js';

/** What networks of all cells have. */
export interface RecurrentLayerOptions {
  /** Units of each layer and direction. */
  readonly hiddenSize: number;
  /** Features of the input. Default: those of the shape that `init` is given; a number is checked against it. */
  readonly inputSize?: number | undefined;
  /** Layers on top of each other. Default 1. */
  readonly numLayers?: number | undefined;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** The probability with which outputs of every layer but the last are dropped in training. Default 0. */
  readonly dropout?: number | undefined;
  /** A second network that starts at the end; outputs stand side by side. Default false. */
  readonly bidirectional?: boolean | undefined;
  /**
   * Give the outputs of all steps, [N, T, directions · R]; false: the state after the last step of each direction, [N,
   * directions · R]. Default true.
   */
  readonly returnSequences?: boolean | undefined;
}

const names = ['hiddenSize', 'inputSize', 'numLayers', 'bias', 'dropout', 'bidirectional', 'returnSequences'];

/** What sets the networks of one cell apart. */
export interface NetworkKind {
  readonly kind: string;
  readonly gates: number;
  /** Features that replace the hidden units in the output; undefined: none. */
  readonly projection?: number | undefined;
  /** What becomes of the parameters once they are drawn. */
  readonly adjust?: (params: Record<string, Tensor>, structure: Structure) => Record<string, Tensor>;
  run(x: Tensor, params: NetworkParams, options: RecurrentOptions): { readonly output: Tensor; readonly hN: Tensor };
}

/** A network as a layer: [N, T, I] → [N, T, directions · R]. */
export function recurrentLayer(
  options: RecurrentLayerOptions,
  further: readonly string[],
  { kind, gates, projection, adjust = (params) => params, run }: NetworkKind,
): Layer<NetworkParams, Empty> {
  checkOptions(kind, options, further);
  const { hiddenSize, inputSize, numLayers = 1, bias = true, dropout: p = 0 } = options;
  const { bidirectional = false, returnSequences = true } = options;
  const directions = bidirectional ? 2 : 1;
  const outputSize = projection ?? hiddenSize;
  const width = directions * outputSize;
  return {
    kind,
    init(key, inputShape) {
      const [steps, features] = inputShape;
      if (inputShape.length !== 2 || steps === 0 || features === 0 || (inputSize ?? features) !== features) {
        throw new ShapeError(kind, [
          {
            rule: 'the input must be [steps, features], at least 1 of each',
            received: [...inputShape],
            ...(inputSize === undefined ? {} : { expected: `${inputSize} features` }),
          },
        ]);
      }
      const structure = { inputSize: features, hiddenSize, outputSize, numLayers, directions, bias } as const;
      const params = adjust(drawParams(key, gates, structure), structure);
      return { params, state: {}, outputShape: returnSequences ? [steps, width] : [width] };
    },
    apply(params, state, x, { train, key }) {
      const dropout = train && p > 0 ? { p, key: key! } : null;
      const { output, hN } = run(x, params, { dropout });
      if (returnSequences) return [output, state];
      const last = narrow(hN, 0, (numLayers - 1) * directions, directions);
      return [reshape(permute(last, [1, 0, 2]), [x.shape[0], width]), state];
    },
    window: () => null,
  };
}

function checkOptions(kind: string, options: RecurrentLayerOptions, further: readonly string[]): void {
  unknownOptions(kind, options, [...names, ...further]);
  const { hiddenSize, inputSize, numLayers = 1, dropout = 0 } = options;
  const reasons: string[] = [];
  for (const [name, value] of Object.entries({
    hiddenSize,
    numLayers,
    ...(inputSize === undefined ? {} : { inputSize }),
  })) {
    if (!Number.isSafeInteger(value) || value < 1)
      reasons.push(`${name} must be a positive integer, received ${formatValue(value)}`);
  }
  if (!(typeof dropout === 'number' && dropout >= 0 && dropout <= 1))
    reasons.push(`dropout must be from 0 to 1, received ${formatValue(dropout)}`);
  else if (dropout > 0 && numLayers === 1)
    reasons.push(`dropout acts between layers, and there is one; give numLayers of at least 2, or dropout 0`);
  for (const name of ['bias', 'bidirectional', 'returnSequences'] as const) {
    const { [name]: value } = options;
    if (value !== undefined && typeof value !== 'boolean')
      reasons.push(`${name} must be true or false, received ${formatValue(value)}`);
  }
  if (reasons.length > 0) throw new OptionError(kind, reasons);
}

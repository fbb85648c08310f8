import { uniform } from '@lemmata/nn';
import { Problems, type Shape } from '@lemmata/shape';
import { foldIn, type Tensor } from '@lemmata/tensor';

/** Parameters of one cell, named as in PyTorch. G is the number of gates, H the hidden size, R that of the output. */
export interface CellParams {
  /** [G · H, I] */
  readonly weight_ih: Tensor;
  /** [G · H, R] */
  readonly weight_hh: Tensor;
  /** [G · H]; there are both biases or none. */
  readonly bias_ih?: Tensor;
  /** [G · H] */
  readonly bias_hh?: Tensor;
  /** [R, H], of an LSTM with projections. */
  readonly weight_hr?: Tensor;
}

/** `weight_ih_l0`, …: {@link CellParams} with `_l` and the layer behind each name, and `_reverse` for the other direction. */
export type NetworkParams = Readonly<Record<string, Tensor>>;

/** What a network is made of. */
export interface Structure {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Of each direction's output: the hidden size, or that of the projection. */
  readonly outputSize: number;
  readonly numLayers: number;
  readonly directions: 1 | 2;
  readonly bias: boolean;
}

/** The end of the names of a cell's parameters. */
function suffix(layer: number, reverse: boolean): string {
  return `_l${layer}${reverse ? '_reverse' : ''}`;
}

/** Names and shapes of one cell's parameters. */
export function cellShapes(
  gates: number,
  { inputSize, hiddenSize, outputSize, bias }: Omit<Structure, 'numLayers' | 'directions'>,
): Record<string, Shape> {
  const rows = gates * hiddenSize;
  return {
    weight_ih: [rows, inputSize],
    weight_hh: [rows, outputSize],
    ...(bias ? { bias_ih: [rows], bias_hh: [rows] } : {}),
    ...(outputSize === hiddenSize ? {} : { weight_hr: [outputSize, hiddenSize] }),
  };
}

/** Names and shapes of all parameters, in PyTorch's order: layer by layer, forward before reverse. */
export function networkShapes(gates: number, structure: Structure): Record<string, Shape> {
  const { numLayers, directions, inputSize, outputSize } = structure;
  const shapes: Record<string, Shape> = {};
  for (let layer = 0; layer < numLayers; layer++) {
    const cell = cellShapes(gates, { ...structure, inputSize: layer === 0 ? inputSize : directions * outputSize });
    for (let direction = 0; direction < directions; direction++) {
      for (const [name, shape] of Object.entries(cell)) shapes[name + suffix(layer, direction === 1)] = shape;
    }
  }
  return shapes;
}

/** All parameters uniform within ±1 / √H, as PyTorch draws them. */
export function drawParams(key: Tensor, gates: number, structure: Structure): Record<string, Tensor> {
  const bound = 1 / Math.sqrt(structure.hiddenSize);
  const draw = uniform({ low: -bound, high: bound });
  const entries = Object.entries(networkShapes(gates, structure));
  return Object.fromEntries(entries.map(([name, shape], i) => [name, draw(foldIn(key, i), shape)]));
}

/**
 * What the parameters say of their network.
 *
 * @throws ShapeError naming every parameter that is missing, unexpected, or of another shape than the others ask for.
 */
export function structureOf(op: string, params: NetworkParams, gates: number, inputSize: number): Structure {
  const problems = new Problems(op);
  let numLayers = 0;
  while (`weight_ih_l${numLayers}` in params) numLayers++;
  const recurrent = params['weight_hh_l0'];
  if (numLayers === 0 || recurrent === undefined) {
    problems.add({ rule: 'the parameters must name weight_ih_l0 and weight_hh_l0', received: Object.keys(params) });
    problems.throwIfAny();
  }
  const structure: Structure = {
    inputSize,
    hiddenSize: Math.floor(recurrent.shape[0] / gates),
    outputSize: params['weight_hr_l0']?.shape[0] ?? Math.floor(recurrent.shape[0] / gates),
    numLayers,
    directions: 'weight_ih_l0_reverse' in params ? 2 : 1,
    bias: 'bias_ih_l0' in params,
  };
  checkShapes(problems, params, networkShapes(gates, structure));
  problems.throwIfAny({ weight_hh_l0: recurrent.shape });
  return structure;
}

/** Adds a problem for each parameter that is missing, unexpected, or of another shape. */
export function checkShapes(
  problems: Problems,
  params: Readonly<Record<string, Tensor | undefined>>,
  expected: Record<string, Shape>,
): void {
  for (const [name, shape] of Object.entries(expected)) {
    const received = params[name];
    if (received === undefined) problems.add({ rule: `${name} is missing from the parameters`, expected: shape });
    else if (received.shape.join() !== shape.join())
      problems.add({
        rule: `${name} does not fit the input and the other parameters`,
        received: received.shape,
        expected: shape,
        ...(/^weight_ih(_l0|$)/.test(name) && received.shape[1] !== shape[1]
          ? { hint: `The input has ${shape[1]} features along its last axis` }
          : {}),
      });
  }
  for (const [name, tensor] of Object.entries(params)) {
    if (tensor !== undefined && !(name in expected))
      problems.add({ rule: `${name} is not a parameter of this network`, received: tensor.shape });
  }
}

/** The parameters of one cell of a network: of a layer, counted from 0, in one direction. */
export function cellOf(params: NetworkParams, layer = 0, reverse = false): CellParams {
  const end = suffix(layer, reverse);
  const of = (name: string): Record<string, Tensor> => {
    const value = params[name + end];
    return value === undefined ? {} : { [name]: value };
  };
  return {
    weight_ih: params[`weight_ih${end}`],
    weight_hh: params[`weight_hh${end}`],
    ...of('bias_ih'),
    ...of('bias_hh'),
    ...of('weight_hr'),
  };
}

import { Problems, type Shape } from '@lemmata/shape';
import { add, asTensor, isFloat, matmul, reshape, type Tensor, transpose, zeros } from '@lemmata/tensor';
import { type CellParams, cellShapes, checkShapes } from './params.js';

/** One step of a recurrence. The first of its states is its output. */
export interface Cell {
  /** Rows of weight_ih and weight_hh for each hidden unit. */
  readonly gates: number;
  /** How many states it carries: the output, and an LSTM's cell. */
  readonly states: number;
  /** The next states from x W_ihᵀ + b_ih, [N, G · H], and the states before; weights as {@link byColumns} gives them. */
  step(projected: Tensor, states: readonly Tensor[], columns: CellParams): Tensor[];
}

/**
 * A cell's parameters with Wᵀ for each weight W: taken once for all steps, so that the gradients of the steps add up before
 * they are transposed, and not each on its own.
 */
export function byColumns(params: CellParams): CellParams {
  const { weight_ih, weight_hh, weight_hr } = params;
  return {
    ...params,
    weight_ih: transpose(weight_ih),
    weight_hh: transpose(weight_hh),
    ...(weight_hr === undefined ? {} : { weight_hr: transpose(weight_hr) }),
  };
}

/** x W + b along the last axis. */
export function affine(x: Tensor, columns: Tensor, bias: Tensor | undefined): Tensor {
  const y = matmul(x, columns);
  return bias === undefined ? y : add(y, bias);
}

/** One step of a cell on [N, I] or [I]; states that are null are 0. */
export function stepOnce(
  op: string,
  cell: Cell,
  x: Tensor,
  states: readonly (Tensor | null)[],
  params: CellParams,
): Tensor[] {
  const input = asTensor(x, op);
  if (input.rank === 1) {
    const row = (t: Tensor): Tensor => reshape(t, [1, t.size]);
    const one = states.map((s) => (s === null || s.rank !== 1 ? s : row(s)));
    return stepOnce(op, cell, row(input), one, params).map((s) => reshape(s, [s.size]));
  }
  const problems = new Problems(op);
  if (!isFloat(input.dtype)) problems.add({ rule: 'x must be float32 or float64', received: input.dtype });
  if (input.rank !== 2) problems.add({ rule: 'x must be [N, features], or one row [features]', received: input.rank });
  problems.throwIfAny({ x: input.shape });
  const hiddenSize = Math.floor(params.weight_hh.shape[0] / cell.gates);
  const outputSize = params.weight_hr?.shape[0] ?? hiddenSize;
  const [N, inputSize] = input.shape;
  const bias = params.bias_ih !== undefined;
  checkShapes(problems, { ...params }, cellShapes(cell.gates, { inputSize, hiddenSize, outputSize, bias }));
  const shapes = states.map((_, i): Shape => [N, i === 0 ? outputSize : hiddenSize]);
  const before = states.map((s, i) => s ?? zeros(shapes[i], input.dtype));
  before.forEach((s, i) => checkState(problems, ['h', 'c'][i], s, shapes[i], input.dtype));
  problems.throwIfAny({ x: input.shape });
  const columns = byColumns(params);
  return cell.step(affine(input, columns.weight_ih, columns.bias_ih), before, columns);
}

/** Adds a problem unless a state has this shape and the dtype of x. */
export function checkState(problems: Problems, name: string, state: Tensor, expected: Shape, dtype: string): void {
  if (state.shape.join() !== expected.join())
    problems.add({ rule: `${name} does not fit the input and the parameters`, received: state.shape, expected });
  if (state.dtype !== dtype)
    problems.add({ rule: `${name} must have the dtype of x`, received: state.dtype, expected: dtype });
}

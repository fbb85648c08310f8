import { checkKeyedDropout, dropped, type KeyedDropout } from '@lemmata/nn';
import { formatValue, OptionError, Problems, ShapeError } from '@lemmata/shape';
import {
  asTensor,
  concat,
  foldIn,
  isFloat,
  permute,
  select,
  stack,
  type Tensor,
  unsqueeze,
  unstack,
  where,
  zeros,
} from '@lemmata/tensor';
import { affine, byColumns, type Cell, checkState } from './cell.js';
import { cellOf, type CellParams, type NetworkParams, structureOf } from './params.js';
import { type Lengths, stepMask } from './step-mask.js';

/** How a network runs over a batch of sequences. */
export interface RecurrentOptions {
  /** h before the first step, [numLayers · directions, N, R]. Default 0. */
  readonly h0?: Tensor | null | undefined;
  /**
   * How many steps of each sequence count, from 1: int32 [N], or integers. What follows is padding: outputs there are 0,
   * states stay as they are, and it is not read. The reverse direction starts at the true end. Default: all steps.
   */
  readonly lengths?: Lengths | null | undefined;
  /** Drops outputs of every layer but the last, each element on its own at every step. Default: none. */
  readonly dropout?: KeyedDropout | null | undefined;
  /** [N, T, I]; false: [T, N, I]. Default true. */
  readonly batchFirst?: boolean | undefined;
}

export const NETWORK_OPTIONS: readonly string[] = ['h0', 'lengths', 'dropout', 'batchFirst'];

/** What a network gives: the last layer's outputs at all steps, and every state of every layer after the last. */
export interface Ran {
  /** [N, T, directions · R] */
  readonly output: Tensor;
  /** [numLayers · directions, N, ·], one for each state of the cell. */
  readonly states: readonly Tensor[];
}

/** Runs a network of `cell`s on [N, T, I], or one sequence [T, I]; `initial` are its states, null where they are 0. */
export function runNetwork(
  op: string,
  cell: Cell,
  x: Tensor,
  params: NetworkParams,
  initial: readonly (Tensor | null)[],
  { lengths = null, dropout = null, batchFirst = true }: RecurrentOptions,
): Ran {
  const input = asTensor(x, op);
  const problems = new Problems(op);
  if (!isFloat(input.dtype)) problems.add({ rule: 'x must be float32 or float64', received: input.dtype });
  if (input.rank !== 2 && input.rank !== 3)
    problems.add({ rule: 'x must be [N, steps, features], or one sequence [steps, features]', received: input.rank });
  problems.throwIfAny({ x: input.shape });
  checkKeyedDropout(op, dropout);
  if (typeof batchFirst !== 'boolean')
    throw new OptionError(op, [`batchFirst must be true or false, received ${formatValue(batchFirst)}`]);
  if (input.rank === 2) {
    const one = initial.map((s) => (s === null ? null : unsqueeze(s, 1)));
    const { output, states } = runNetwork(op, cell, unsqueeze(input, 0), params, one, { lengths, dropout });
    return { output: select(output, 0, 0), states: states.map((s) => select(s, 1, 0)) };
  }
  const sequence = batchFirst ? permute(input, [1, 0, 2]) : input;
  const [T, N, I] = sequence.shape;
  if (T === 0) throw new ShapeError(op, [{ rule: 'a sequence must have at least one step' }], { x: input.shape });
  const structure = structureOf(op, params, cell.gates, I);
  const { numLayers, directions, hiddenSize, outputSize } = structure;
  const shapes = initial.map((_, i) => [numLayers * directions, N, i === 0 ? outputSize : hiddenSize]);
  initial.forEach((s, i) => s !== null && checkState(problems, ['h0', 'c0'][i], s, shapes[i], input.dtype));
  problems.throwIfAny({ x: input.shape });

  const mask = lengths === null ? null : stepMask(op, lengths, T, N);
  const inside = mask === null ? null : unstack(mask);
  let y = mask === null ? sequence : where(mask, sequence, 0);
  const finals: Tensor[][] = [];
  for (let layer = 0; layer < numLayers; layer++) {
    if (layer > 0 && dropout !== null) y = dropped(op, y, dropout.key && foldIn(dropout.key, layer), dropout.p);
    const outputs: Tensor[] = [];
    for (let direction = 0; direction < directions; direction++) {
      const before = initial.map((s, i) =>
        s === null ? zeros(shapes[i].slice(1), input.dtype) : select(s, 0, finals.length),
      );
      const { output, states } = scan(cell, y, cellOf(params, layer, direction === 1), before, inside, direction === 1);
      outputs.push(output);
      finals.push(states);
    }
    y = concat(outputs, -1);
  }
  return {
    output: batchFirst ? permute(y, [1, 0, 2]) : y,
    states: initial.map((_, i) => stack(finals.map((states) => states[i]))),
  };
}

/**
 * A cell over the steps of [T, N, I], from the first to the last or in reverse. The inputs of all steps are projected at
 * once. Outside of a sequence states stay, so that the reverse direction comes to its true end with the initial ones.
 */
function scan(
  cell: Cell,
  x: Tensor,
  params: CellParams,
  initial: readonly Tensor[],
  inside: readonly Tensor[] | null,
  reverse: boolean,
): { readonly output: Tensor; readonly states: Tensor[] } {
  const [T] = x.shape;
  const columns = byColumns(params);
  const projected = unstack(affine(x, columns.weight_ih, columns.bias_ih));
  const outputs = new Array<Tensor>(T);
  let states = [...initial];
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    const next = cell.step(projected[t], states, columns);
    if (inside === null) {
      states = next;
      outputs[t] = next[0];
    } else {
      states = next.map((s, i) => where(inside[t], s, states[i]));
      outputs[t] = where(inside[t], next[0], 0);
    }
  }
  return { output: stack(outputs), states };
}

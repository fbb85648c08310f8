import { onesLike, tensor, type Tensor } from '@lemmata/tensor';
import { pullBack, type TapeRecord } from './tape.js';

const LARGEST = 4096;

/** ∂output/∂input of one record: see `GraphNode.local`. */
export function localGradient(record: TapeRecord, input: number): Tensor | null {
  const { op } = record;
  const value = record.outputs[0]!;
  const x = record.inputs[input]!;
  const only: TapeRecord = { ...record, inputIds: record.inputIds.map((_, i) => (i === input ? 0 : -1)) };
  const rest = record.outputs.slice(1).map(() => null);
  if (op.expr !== undefined) return pullBack(only, [onesLike(value), ...rest])[input] ?? null;
  if (value.size * x.size > LARGEST) return null;
  // One row for each element of the output, by an upstream that is 1 there and 0 elsewhere.
  const rows: number[] = [];
  for (let i = 0; i < value.size; i++) {
    const oneHot = tensor(
      Array.from({ length: value.size }, (_, k) => (k === i ? 1 : 0)),
      { shape: value.shape, dtype: value.dtype },
    );
    const row = pullBack(only, [oneHot, ...rest])[input];
    for (let k = 0, data = row?.dataSync(); k < x.size; k++) rows.push(data?.[k] ?? 0);
  }
  return tensor(rows, { shape: [...value.shape, ...x.shape], dtype: x.dtype });
}

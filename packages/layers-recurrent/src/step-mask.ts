import { formatValue, OptionError, ShapeError } from '@lemmata/shape';
import { apply, isTensor, type OpDef, type Tensor, tensor } from '@lemmata/tensor';

/** lengths [N] (int32) → [steps, N, 1]: whether a step lies inside its sequence. Refuses lengths outside of 1 … steps. */
export const StepMask: OpDef<{ readonly steps: number }> = {
  name: 'stepMask',
  infer({ steps }, lengths) {
    if (lengths.dtype !== 'int32' || lengths.shape.length !== 1) {
      throw new ShapeError('stepMask', [
        {
          rule: 'lengths must be int32 [N]',
          received: `${lengths.dtype} [${lengths.shape.join(', ')}]`,
          hint: 'Convert with cast',
        },
      ]);
    }
    return [{ shape: [steps, lengths.shape[0], 1], dtype: 'bool' }];
  },
  reference({ steps }, [lengths], [out]) {
    const N = lengths.data.length;
    for (let n = 0; n < N; n++) {
      const length = lengths.data[n];
      if (length < 1 || length > steps) {
        throw new OptionError('lengths', [
          `the length of sequence ${n} must be from 1 to ${steps}, the steps of the input; received ${length}`,
        ]);
      }
      for (let t = 0; t < steps; t++) out.data[t * N + n] = t < length ? 1 : 0;
    }
  },
};

/** How many steps of each sequence count: int32 [N], or integers. */
export type Lengths = Tensor | readonly number[];

/** [steps, N, 1], true inside each sequence. */
export function stepMask(op: string, lengths: Lengths, steps: number, batch: number): Tensor {
  const list = isTensor(lengths) ? lengths : asInt32(op, lengths);
  if (list.shape.join() !== String(batch)) {
    throw new ShapeError(op, [
      { rule: 'lengths must name one length for each sequence', received: list.shape, expected: [batch] },
    ]);
  }
  return apply(StepMask, { steps }, [list])[0];
}

function asInt32(op: string, lengths: readonly number[]): Tensor {
  const wrong = lengths.find((n) => !Number.isInteger(n));
  if (wrong !== undefined) throw new OptionError(op, [`lengths must be integers, received ${formatValue(wrong)}`]);
  return tensor(lengths, { shape: [lengths.length], dtype: 'int32' });
}

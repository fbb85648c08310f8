import { exactly, floats, ints, integers, type Laws, opLaws } from '@lemmata/laws';
import { StepMask } from './step-mask.js';

const stepMask: Laws = opLaws(StepMask, {
  samples: [
    { attrs: { steps: 3 }, inputs: [ints([4], integers(1, 3))] },
    { attrs: { steps: 1 }, inputs: [ints([2], exactly(1, 1))] },
  ],
  invalid: [
    {
      attrs: { steps: 3 },
      inputs: [floats([2])],
      throws: /int32 \[N\] \(received 'float64 \[2\]'\)\. Convert with cast\.$/,
    },
    {
      attrs: { steps: 3 },
      inputs: [ints([2, 1])],
      throws: /lengths must be int32 \[N\] \(received 'int32 \[2, 1\]'\)/,
    },
  ],
  oracle({ steps }, { data: lengths }) {
    const data = Array.from({ length: steps }, (_, t) => Array.from(lengths, (length) => Number(t < length))).flat();
    return { shape: [steps, lengths.length, 1], data };
  },
});

/** Of the op that all networks share. */
export const opsLaws: readonly Laws[] = [stepMask];

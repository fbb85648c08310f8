import { exactly, floats, ints, integers, type Laws, opLaws } from '@lemmata/laws';
import { Parts } from './parts.js';
import { StepMask } from './step-mask.js';

const parts: Laws = opLaws(Parts, {
  samples: [
    { attrs: { axis: 0, count: 3 }, inputs: [floats([3, 2])] },
    { attrs: { axis: 1, count: 2 }, inputs: [floats([2, 4, 2])] },
    { attrs: { axis: 2, count: 1 }, inputs: [floats([1, 2, 3])] },
    { attrs: { axis: 1, count: 2 }, inputs: [floats([0, 4])] },
  ],
  invalid: [
    { attrs: { axis: 0, count: 2 }, inputs: [floats([3])], throws: /2 equal parts only if they divide its size/ },
    { attrs: { axis: 1, count: 1 }, inputs: [floats([3])], throws: /equal parts/ },
  ],
  oracle({ axis, count }, x) {
    const size = x.shape[axis] / count;
    const inner = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const place = (i: number): number => Math.floor(i / inner) % x.shape[axis];
    return Array.from({ length: count }, (_, part) => ({
      shape: x.shape.with(axis, size),
      data: Array.from(x.data).filter((_, i) => Math.floor(place(i) / size) === part),
    }));
  },
});

const stepMask: Laws = opLaws(StepMask, {
  samples: [
    { attrs: { steps: 3 }, inputs: [ints([4], integers(1, 3))] },
    { attrs: { steps: 1 }, inputs: [ints([2], exactly(1, 1))] },
  ],
  invalid: [
    { attrs: { steps: 3 }, inputs: [floats([2])], throws: /lengths must be int32 \[N\]/ },
    { attrs: { steps: 3 }, inputs: [ints([2, 1])], throws: /lengths must be int32 \[N\]/ },
  ],
  oracle({ steps }, { data: lengths }) {
    const data = Array.from({ length: steps }, (_, t) => Array.from(lengths, (length) => Number(t < length))).flat();
    return { shape: [steps, lengths.length, 1], data };
  },
});

/** Of the two ops that all networks share. */
export const opsLaws: readonly Laws[] = [parts, stepMask];

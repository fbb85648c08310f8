import { BroadcastTo, Mul, Reshape, Sum } from '@lemmata/tensor';
import { test } from 'vitest';
import { check, floats, opLaws } from '../index.js';

check(opLaws(Mul, { samples: [{ attrs: {}, inputs: [floats([2, 3]), floats([2, 3])] }], invalid: [], formula: (_, a, b) => a! * b! }), test);
check(
  opLaws(Sum, {
    samples: [
      { attrs: { axes: [0] }, inputs: [floats([2, 3])] },
      { attrs: { axes: [0, 2] }, inputs: [floats([2, 3, 2])] },
    ],
    invalid: [],
  }),
  test,
);
check(opLaws(Reshape, { samples: [{ attrs: { shape: [3, 2] }, inputs: [floats([2, 3])] }], invalid: [{ attrs: { shape: [7] }, inputs: [floats([2, 3])], throws: /7 elements/ }] }), test);
check(opLaws(BroadcastTo, { samples: [{ attrs: { shape: [4, 2, 3] }, inputs: [floats([2, 1])] }], invalid: [] }), test);

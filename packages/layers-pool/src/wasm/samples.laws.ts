import type { Sliding } from '../windows.js';

/** Of each rank: windows four at a time and one at a time, padded on either side, dilated, overhanging, apart and overlapping. */
export const slidings: readonly (Sliding & { readonly shape: readonly number[] })[] = [
  {
    shape: [2, 3, 9, 23],
    kernel: [2, 2],
    stride: [2, 2],
    dilation: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
  },
  {
    shape: [2, 2, 8, 21],
    kernel: [3, 3],
    stride: [2, 1],
    dilation: [1, 1],
    padding: [
      [1, 1],
      [1, 0],
    ],
  },
  {
    shape: [1, 3, 11, 30],
    kernel: [3, 2],
    stride: [3, 3],
    dilation: [2, 3],
    padding: [
      [1, 0],
      [0, 1],
    ],
  },
  { shape: [3, 2, 33], kernel: [3], stride: [2], dilation: [1], padding: [[1, 1]] },
  {
    shape: [2, 2, 4, 5, 19],
    kernel: [2, 3, 2],
    stride: [2, 1, 2],
    dilation: [1, 1, 1],
    padding: [
      [0, 1],
      [1, 1],
      [0, 0],
    ],
  },
];

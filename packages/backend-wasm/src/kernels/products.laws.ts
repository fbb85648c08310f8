import { type Tensor, transpose } from '@lemmata/tensor';
import { integers } from '../planted.laws.js';

const turned = (rows: number, columns: number, seed: number): Tensor => transpose(integers([columns, rows], seed));
/** Operands of products in every order of their elements, exact on integers. */
export const products: readonly (readonly [Tensor, Tensor])[] = [
  [integers([2, 13, 7], 1), integers([2, 7, 19], 2)],
  [turned(11, 9, 3), turned(9, 10, 4)],
  // Beyond the blocks of rows, of columns and of depth.
  [integers([50, 3], 5), integers([3, 260], 6)],
  [integers([6, 515], 7), integers([515, 9], 8)],
  // Few rows, few columns, in each order of the elements.
  [integers([2, 3, 5], 9), integers([2, 5, 40], 10)],
  [integers([1, 6], 11), turned(6, 17, 12)],
  [integers([9, 6], 13), integers([6, 2], 14)],
];

const HOW = 'how the work is divided';

/** What changes no product when it is one too large. */
export const DIVISION: Readonly<Record<string, string>> = {
  'gemm.product: rowBlock one too large': HOW,
  'gemm.product: columnBlock one too large': HOW,
  'gemm.product: depthBlock one too large': HOW,
};

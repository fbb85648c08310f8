import { einsum, matmul } from '@lemmata/tensor';
import { type Adapters } from '../adapter.js';

export const tensorLinalg: Adapters = {
  matmul: ({ args }) => matmul(args.tensor('input'), args.tensor('other')),
  einsum: ({ args }) => einsum(args.text('equation')!, ...args.tensors('operands')),
};

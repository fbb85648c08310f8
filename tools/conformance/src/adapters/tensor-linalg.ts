import { bmm, einsum, matmul } from '@lemmata/tensor';
import { type Adapters } from '../adapter.js';

export const tensorLinalg: Adapters = {
  bmm: ({ args }) => bmm(args.tensor('input'), args.tensor('mat2')),
  matmul: ({ args }) => matmul(args.tensor('input'), args.tensor('other')),
  einsum: ({ args }) => einsum(args.text('equation')!, ...args.tensors('operands')),
};

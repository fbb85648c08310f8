import { clipByGlobalNorm, clipByValue } from '@lemmata/optim';
import type { Adapters } from '../adapter.js';
import { given } from '../args.js';

export const clip: Adapters = {
  clip_grad_norm_: ({ args }) => {
    const { grads, norm } = clipByGlobalNorm(
      args.tensors('grads'),
      args.number('max_norm')!,
      given({ p: args.number('norm_type') }),
    );
    return { out: { grads, total_norm: norm } };
  },
  clip_grad_value_: ({ args }) => ({
    out: { grads: clipByValue(args.tensors('grads'), args.number('clip_value')!) },
  }),
};

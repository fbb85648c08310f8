import { scaledDotProductAttention } from '@lemmata/layers-attention';
import { type Adapters, unsupported } from '../adapter.js';
import { given } from '../args.js';

export const attention: Adapters = {
  scaled_dot_product_attention: ({ args }) => {
    if ((args.number('dropout_p') ?? 0) !== 0) unsupported('dropout with the numbers that PyTorch draws');
    return scaledDotProductAttention(
      args.tensor('query'),
      args.tensor('key'),
      args.tensor('value'),
      given({
        mask: args.tensorOrNull('attn_mask') ?? undefined,
        causal: args.flag('is_causal'),
        scale: args.number('scale'),
        enableGqa: args.flag('enable_gqa'),
      }),
    );
  },
};

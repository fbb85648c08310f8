import {
  initMultiHeadAttention,
  type MultiHeadAttentionParams,
  multiHeadAttentionLayer,
  multiHeadAttentionWithWeights,
  scaledDotProductAttention,
} from '@lemmata/layers-attention';
import { key, logicalNot, type Tensor } from '@lemmata/tensor';
import { type Adapter, type Adapters, unsupported } from '../adapter.js';
import { given } from '../args.js';
import { filled } from './layer.js';

/** True is what PyTorch's module masks; here, as in PyTorch's function, it is what is kept. */
const kept = (mask: Tensor | null): Tensor | null => (mask?.dtype === 'bool' ? logicalNot(mask) : mask);

/** Parameters by PyTorch's names, where those of the last projection stand in a tree of their own. */
const flat = ({ out_proj, ...others }: MultiHeadAttentionParams): Record<string, Tensor> => ({
  ...others,
  'out_proj.weight': out_proj.weight,
  ...(out_proj.bias && { 'out_proj.bias': out_proj.bias }),
});

function nested(params: Readonly<Record<string, Tensor>>): MultiHeadAttentionParams {
  const { 'out_proj.weight': weight, 'out_proj.bias': bias, ...others } = params;
  return { ...others, out_proj: { weight: weight!, ...(bias && { bias }) } };
}

const multiHead: Adapter = ({ args, init, params, training }) => {
  const [embedDim, numHeads] = [init.number('embed_dim')!, init.number('num_heads')!];
  const [bias, addBiasKv, addZeroAttn] = [init.flag('bias'), init.flag('add_bias_kv'), init.flag('add_zero_attn')];
  const dropout = init.number('dropout') ?? 0;
  // What the constructor has to refuse: such a case has no input.
  multiHeadAttentionLayer({ embedDim, numHeads, bias, addBiasKv, addZeroAttn, dropout });
  if (training && dropout > 0) unsupported('dropout with the numbers that PyTorch draws');
  const drawn = initMultiHeadAttention(key(0), {
    embedDim,
    bias,
    addBiasKv,
    kdim: init.number('kdim'),
    vdim: init.number('vdim'),
  });
  const query = args.tensor('query');
  const { output, weights } = multiHeadAttentionWithWeights(
    query,
    args.tensor('key'),
    args.tensor('value'),
    nested(filled('parameter', flat(drawn), params, query)),
    {
      numHeads,
      addZeroAttn,
      batchFirst: init.flag('batch_first') ?? false,
      mask: kept(args.tensorOrNull('attn_mask')),
      keyPaddingMask: args.tensorOrNull('key_padding_mask'),
      averageWeights: args.flag('average_attn_weights'),
    },
  );
  return { out: { attn_output: output, attn_output_weights: weights } };
};

export const attention: Adapters = {
  'nn.MultiheadAttention': multiHead,
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

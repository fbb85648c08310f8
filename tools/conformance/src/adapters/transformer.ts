import { transformerEncoder, transformerEncoderBlock } from '@lemmata/architectures';
import { layerNormLayer } from '@lemmata/layers-norm';
import { sequential } from '@lemmata/nn';
import { key, logicalNot, type Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { type Adapter, type Adapters, unsupported } from '../adapter.js';
import { Args, given, type Given } from '../args.js';
import { filled } from './layer.js';

/** PyTorch's names of an encoder layer, and torchvision's of an encoder block, which are those of this library. */
const NAMES: Readonly<Record<string, string>> = {
  self_attn: 'self_attention',
  norm1: 'ln_1',
  norm2: 'ln_2',
  linear1: 'mlp.0',
  linear2: 'mlp.3',
};

const renamed = (name: string): string => name.replace(/(self_attn|norm[12]|linear[12])(?=\.)/, (part) => NAMES[part]!);

type Params = Readonly<Record<string, any>>;

/** What a layer draws, with PyTorch's parameters in place of its own. */
function loaded(drawn: Params, theirs: Readonly<Record<string, Tensor>>, x: Tensor): Params {
  const own = toRecord(drawn) as Record<string, Tensor>;
  const byOurNames = Object.fromEntries(Object.entries(theirs).map(([name, tensor]) => [renamed(name), tensor]));
  return nested(filled('parameter', own, byOurNames, x), drawn);
}

/** A record of paths as a tree like another one. */
function nested(record: Readonly<Record<string, Tensor>>, like: Params, prefix = ''): Params {
  return Object.fromEntries(
    Object.entries(like).map(([name, value]) => [
      name,
      record[`${prefix}${name}`] ?? nested(record, value as Params, `${prefix}${name}.`),
    ]),
  );
}

function optionsFrom(init: Args) {
  if ((init.number('dropout') ?? 0.1) > 0) unsupported('dropout with the numbers that PyTorch draws');
  const batchFirst = init.flag('batch_first') ?? false;
  const options = {
    embedDim: init.number('d_model')!,
    numHeads: init.number('nhead')!,
    mlpDim: init.number('dim_feedforward') ?? 2048,
    activation: (init.text('activation') ?? 'relu') as 'relu' | 'gelu',
    normFirst: init.flag('norm_first') ?? false,
    eps: init.number('layer_norm_eps') ?? 1e-5,
    bias: init.flag('bias') ?? true,
  };
  return { batchFirst, options };
}

/** PyTorch's masks say what is left out. */
const kept = (mask: Tensor | null): Tensor | null => (mask?.dtype === 'bool' ? logicalNot(mask) : mask);

const encoderLayer: Adapter = ({ args, init, params, training }) => {
  const { batchFirst, options } = optionsFrom(init);
  const x = args.tensor('src');
  const drawn = transformerEncoderBlock(options).init(key(0), [1, options.embedDim]).params as Params;
  const masks = {
    batchFirst,
    mask: kept(args.tensorOrNull('src_mask')),
    keyPaddingMask: args.tensorOrNull('src_key_padding_mask'),
  };
  // It says of the mask that it is causal, for a faster way to the same.
  args.ignore('is_causal');
  return transformerEncoder(x, loaded(drawn, params, x), options, masks, { train: training });
};

/** Blocks one after the other, which all see the masks, and perhaps a layer norm. */
const encoder: Adapter = ({ args, init, params, training }) => {
  const inner = new Args(init.get<Record<string, Given>>('encoder_layer')!);
  inner.ignore('module');
  const { batchFirst, options } = optionsFrom(inner);
  if (inner.unread.length > 0) throw new Error(`the adapter does not read ${inner.unread.join(', ')}`);
  const norm = init.get<{ readonly normalized_shape: number[]; readonly eps?: number }>('norm');
  const blocks = Array.from({ length: init.number('num_layers')! }, () => transformerEncoderBlock(options));
  const finalNorm = norm && layerNormLayer(given({ normalizedShape: norm.normalized_shape, eps: norm.eps }));
  const net = sequential({ layers: sequential(blocks), ...(finalNorm && { norm: finalNorm }) });
  const x = args.tensor('src');
  const drawn = net.init(key(0), [1, options.embedDim]).params as Params;
  const own = loaded(drawn, params, x);
  const masks = {
    batchFirst,
    mask: kept(args.tensorOrNull('mask')),
    keyPaddingMask: args.tensorOrNull('src_key_padding_mask'),
  };
  // It says of the mask that it is causal, for a faster way to the same.
  args.ignore('is_causal');
  const y = blocks.reduce((t, _, i) => transformerEncoder(t, own['layers'][i], options, masks, { train: training }), x);
  return finalNorm === undefined ? y : finalNorm.apply(own['norm'], {}, y, { train: training })[0];
};

export const transformer: Adapters = {
  'nn.TransformerEncoderLayer': encoderLayer,
  'nn.TransformerEncoder': encoder,
};

/**
 * Networks as data, built by each peer in its own idiom. Parameters are numbered in the order of this description, weight before
 * bias; parameter i is drawn from seed 100 + i within ±1/√fan. Weights of linear layers are drawn as [in, out].
 */
export type Block =
  | {
      readonly op: 'conv';
      readonly from: number;
      readonly to: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
      readonly bias: boolean;
    }
  | { readonly op: 'batch-norm'; readonly channels: number }
  /** `gelu` is the exact one, x Φ(x). */
  | { readonly op: 'relu' | 'gelu' | 'flatten' }
  | { readonly op: 'max-pool'; readonly kernel: number; readonly stride: number; readonly padding: number }
  /** Mean over space, or over the tokens of [N, T, D]. */
  | { readonly op: 'mean' }
  | { readonly op: 'linear'; readonly from: number; readonly to: number }
  /** x + body(x), or shortcut(x) + body(x). */
  | { readonly op: 'residual'; readonly body: readonly Block[]; readonly shortcut: readonly Block[] }
  /** [N, T, from] to the last step's [N, hidden]. Weights [from, 4h] and [h, 4h], two biases of 4h; gates i, f, g, o. */
  | { readonly op: 'lstm'; readonly from: number; readonly hidden: number; readonly layers: number }
  /** [N, C, H, W] to [N, H·W, C], plus a position that is learnt. */
  | { readonly op: 'tokens'; readonly count: number; readonly features: number }
  | { readonly op: 'layer-norm'; readonly features: number }
  /** Query, key and value from one linear layer, and a linear layer after. */
  | { readonly op: 'attention'; readonly features: number; readonly heads: number }
  /** encode, then [what it gave, up(inner(pool(it)))] by channels, then decode. `up` is a transposed convolution 2×2 of stride 2. */
  | {
      readonly op: 'level';
      readonly encode: readonly Block[];
      readonly inner: readonly Block[];
      readonly from: number;
      readonly to: number;
      readonly decode: readonly Block[];
    };

const conv = (from: number, to: number, kernel: number, stride = 1, padding = 0, bias = true): Block => ({
  op: 'conv',
  from,
  to,
  kernel,
  stride,
  padding,
  bias,
});
const linear = (from: number, to: number): Block => ({ op: 'linear', from, to });
const relu: Block = { op: 'relu' };
const pool = (kernel = 2, stride = 2, padding = 0): Block => ({ op: 'max-pool', kernel, stride, padding });

/** LeNet-5 with padding, ReLU and max pooling. */
export const lenet: readonly Block[] = [
  conv(1, 6, 5, 1, 2),
  relu,
  pool(),
  conv(6, 16, 5),
  relu,
  pool(),
  { op: 'flatten' },
  linear(400, 120),
  relu,
  linear(120, 84),
  relu,
  linear(84, 10),
];

/** conv, batch norm, ReLU, conv, batch norm, plus the input (or its projection), ReLU. */
function basicBlock(from: number, to: number, stride: number): Block[] {
  const normed = (a: number, b: number, kernel: number, s: number, padding: number): Block[] => [
    conv(a, b, kernel, s, padding, false),
    { op: 'batch-norm', channels: b },
  ];
  const shortcut = from === to && stride === 1 ? [] : normed(from, to, 1, stride, 0);
  return [
    { op: 'residual', body: [...normed(from, to, 3, stride, 1), relu, ...normed(to, to, 3, 1, 1)], shortcut },
    relu,
  ];
}

function stages(widths: readonly number[], blocks: number): Block[] {
  return widths.flatMap((width, i) =>
    Array.from({ length: blocks }, (_, k) =>
      basicBlock(k > 0 ? width : widths[Math.max(0, i - 1)]!, width, k === 0 && i > 0 ? 2 : 1),
    ).flat(),
  );
}

/** He et al. 2015, https://arxiv.org/abs/1512.03385, section 4.2. */
export const resnet20: readonly Block[] = [
  conv(3, 16, 3, 1, 1, false),
  { op: 'batch-norm', channels: 16 },
  relu,
  ...stages([16, 32, 64], 3),
  { op: 'mean' },
  linear(64, 10),
];

/** He et al. 2015, table 1. */
export const resnet18: readonly Block[] = [
  conv(3, 64, 7, 2, 3, false),
  { op: 'batch-norm', channels: 64 },
  relu,
  pool(3, 2, 1),
  ...stages([64, 128, 256, 512], 2),
  { op: 'mean' },
  linear(512, 1000),
];

export const lstm: readonly Block[] = [{ op: 'lstm', from: 28, hidden: 128, layers: 2 }, linear(128, 10)];

function transformer(features: number, heads: number): Block[] {
  const norm: Block = { op: 'layer-norm', features };
  return [
    { op: 'residual', body: [norm, { op: 'attention', features, heads }], shortcut: [] },
    {
      op: 'residual',
      body: [norm, linear(features, 4 * features), { op: 'gelu' }, linear(4 * features, features)],
      shortcut: [],
    },
  ];
}

/** Patches of 4×4, width 128, 4 blocks of 4 heads, mean over tokens. */
export const vit: readonly Block[] = [
  conv(3, 128, 4, 4),
  { op: 'tokens', count: 64, features: 128 },
  ...Array.from({ length: 4 }, () => transformer(128, 4)).flat(),
  { op: 'layer-norm', features: 128 },
  { op: 'mean' },
  linear(128, 10),
];

const twice = (from: number, to: number): Block[] => [conv(from, to, 3, 1, 1), relu, conv(to, to, 3, 1, 1), relu];
const level = (from: number, to: number, inner: readonly Block[]): Block => ({
  op: 'level',
  encode: twice(from, to),
  inner,
  from: 2 * to,
  to,
  decode: twice(2 * to, to),
});

/** Width 16, three levels, bottleneck of 128. */
export const unet: readonly Block[] = [level(3, 16, [level(16, 32, [level(32, 64, twice(64, 128))])]), conv(16, 1, 1)];

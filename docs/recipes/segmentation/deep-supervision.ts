import { conv2dLayer } from '@lemmata/layers-conv';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { add, concat, div, foldIn, slice, type Tensor } from '@lemmata/tensor';
import { CLASSES } from './scenes.js';

const head = conv2dLayer({ outChannels: CLASSES, kernelSize: 1 });
const train = { train: true };

/** The coarse levels of a U-Net's way back, from the deepest on, with their channels; the finest has the network's own head. */
const coarse = (depth: number, width: number): [name: string, channels: number][] =>
  Array.from({ length: depth }, (_, i) => [i === 0 ? 'bottleneck' : `dec${depth + 1 - i}`, width * 2 ** (depth - i)]);

/** Parameters of the heads that ask the coarse levels of a U-Net for the classes of their places. */
export function initCoarseHeads(key: Tensor, depth: number, width: number): unknown {
  return Object.fromEntries(
    coarse(depth, width).map(([name, channels], i) => [name, head.init(foldIn(key, i), [channels, 1, 1]).params]),
  );
}

/**
 * How well each coarse level of a U-Net's way back tells the classes of its places, through a head of its own: the mean of
 * their losses. A decoder that starts at random hands the deep levels a different error at each pixel, in which what the
 * pixels of a digit have in common is lost for long; this tells each level at once. The maps are those that the network
 * computes anyway: compiled, it runs once.
 *
 * @param params of the U-Net, `net`, and of the heads, `coarse`.
 * @param mask [n, rows, columns] with the class of each pixel; 2^depth divides rows and columns.
 * @param weight of each class.
 *
 * Source: Lee et al. 2015, Deeply-supervised nets, https://arxiv.org/abs/1409.5185.
 */
export function coarseLoss(
  unet: Layer,
  params: { readonly net: any; readonly coarse: any },
  state: any,
  image: Tensor,
  mask: Tensor,
  weight: Tensor,
): Tensor {
  const depth = Object.keys(unet.layers!).filter((name) => name.startsWith('enc')).length;
  const call = (name: string, x: Tensor): Tensor =>
    unet.layers![name]!.apply(params.net[name], state[name], x, train)[0];
  const ask = (name: string, maps: Tensor): Tensor => {
    const [logits] = head.apply(params.coarse[name], {}, maps, train);
    // The pixel in the middle of each place.
    const step = mask.shape[1]! / maps.shape[2]!;
    const middles = [Math.floor(step / 2), null, step] as const;
    return crossEntropy(logits, slice(mask, [[], middles, middles]), { weight });
  };
  const skips: Tensor[] = [];
  let maps = image;
  for (let level = 1; level <= depth; level++) {
    maps = call(`enc${level}`, maps);
    skips.push(maps);
    maps = call(`pool${level}`, maps);
  }
  maps = call('bottleneck', maps);
  let total = ask('bottleneck', maps);
  for (let level = depth; level > 1; level--) {
    maps = call(`dec${level}`, concat([skips[level - 1]!, call(`up${level}`, maps)], 1));
    total = add(total, ask(`dec${level}`, maps));
  }
  return div(total, depth);
}

import { mean, sweeps } from './graph-layout.js';

/**
 * Middles of all boxes across the layers: each drawn to the mean of its neighbours before it, then after it, as far as the
 * boxes of its layer, in their order and `gap` apart, allow. The least is such that no box begins below 0.
 */
export function spread(
  layers: string[][],
  chains: string[][],
  breadth: (key: string) => number,
  gap: number,
): number[][] {
  const middle = new Map<string, number>();
  const settle = (layer: string[], wanted: (key: string) => number): void => {
    separate(layer.map(wanted), layer.map(breadth), gap).forEach((at, i) => middle.set(layer[i], at));
  };
  for (const layer of layers) settle(layer, () => 0);
  for (const sweep of sweeps(layers, chains, 12)) {
    for (const { layer, neighbours } of sweep)
      settle(layers[layer], (key) => mean(neighbours.get(key)!, middle) ?? middle.get(key)!);
  }
  const starts = layers.flat().map((key) => middle.get(key)! - breadth(key) / 2);
  const least = starts.reduce((a, b) => Math.min(a, b), Infinity);
  return layers.map((layer) => layer.map((key) => middle.get(key)! - least));
}

/**
 * Places in the given order, at least `gap` between boxes, with the least sum of squared distances from `wanted`: isotonic
 * regression by pooling adjacent violators (Barlow, Bartholomew, Bremner and Brunk, 1972) of the places less their least offsets.
 */
export function separate(wanted: readonly number[], breadths: readonly number[], gap: number): number[] {
  const offsets: number[] = [];
  breadths.forEach((b, i) => offsets.push(i === 0 ? 0 : offsets[i - 1] + gap + (breadths[i - 1] + b) / 2));
  const blocks: { mean: number; size: number }[] = [];
  wanted.forEach((w, i) => {
    let block = { mean: w - offsets[i], size: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      const size = last.size + block.size;
      block = { mean: (last.mean * last.size + block.mean * block.size) / size, size };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ mean, size }) => new Array<number>(size).fill(mean)).map((m, i) => m + offsets[i]);
}

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
  const layerOf = new Map(layers.flatMap((layer, l) => layer.map((key) => [key, l] as const)));
  const neighbours = new Map<string, string[]>(layers.flat().map((key) => [key, []]));
  for (const chain of chains) {
    for (let i = 1; i < chain.length; i++) {
      neighbours.get(chain[i] as string)?.push(chain[i - 1] as string);
      neighbours.get(chain[i - 1] as string)?.push(chain[i] as string);
    }
  }
  const middle = new Map<string, number>();
  const settle = (layer: string[], wanted: number[]): void => {
    separate(wanted, layer.map(breadth), gap).forEach((at, i) => middle.set(layer[i] as string, at));
  };
  for (const layer of layers)
    settle(
      layer,
      layer.map(() => 0),
    );
  const indices = layers.map((_, l) => l);
  for (let sweep = 0; sweep < 24; sweep++) {
    const step = sweep % 2 === 0 ? -1 : 1;
    for (const l of step < 0 ? indices : indices.toReversed()) {
      const layer = layers[l] as string[];
      const wanted = layer.map((key) => {
        const side = (neighbours.get(key) as string[]).filter((other) => layerOf.get(other) === l + step);
        return side.length === 0
          ? (middle.get(key) as number)
          : side.reduce((sum, other) => sum + (middle.get(other) as number), 0) / side.length;
      });
      settle(layer, wanted);
    }
  }
  const starts = layers.flat().map((key) => (middle.get(key) as number) - breadth(key) / 2);
  const least = starts.reduce((a, b) => Math.min(a, b), Infinity);
  return layers.map((layer) => layer.map((key) => (middle.get(key) as number) - least));
}

/**
 * Places in the given order, at least `gap` between boxes, with the least sum of squared distances from `wanted`: isotonic
 * regression by pooling adjacent violators (Barlow, Bartholomew, Bremner and Brunk, 1972) of the places less their least offsets.
 */
export function separate(wanted: readonly number[], breadths: readonly number[], gap: number): number[] {
  const offsets: number[] = [];
  breadths.forEach((b, i) =>
    offsets.push(i === 0 ? 0 : (offsets[i - 1] as number) + gap + ((breadths[i - 1] as number) + b) / 2),
  );
  const blocks: { mean: number; size: number }[] = [];
  wanted.forEach((w, i) => {
    let block = { mean: w - (offsets[i] as number), size: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      const size = last.size + block.size;
      block = { mean: (last.mean * last.size + block.mean * block.size) / size, size };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks
    .flatMap(({ mean, size }) => new Array<number>(size).fill(mean))
    .map((m, i) => m + (offsets[i] as number));
}

/** An arrow between two nodes, by their ids. */
export interface Arrow {
  from: string;
  to: string;
}

/** Where a layer-by-layer drawing puts nodes: `layers[l]` in order, and for each edge the chain of places that it passes. */
export interface Layout {
  /** Keys of nodes, and of the bends of long edges, in drawing order. */
  layers: string[][];
  /** For each edge, keys from its start over its bends to its end. */
  chains: string[][];
}

/**
 * Layers of a directed acyclic graph: a node stands one layer after its latest predecessor (longest path), edges over several
 * layers bend once in each, and each layer is ordered by the mean place of its neighbours, back and forth (the barycentre
 * heuristic of Sugiyama, Tagawa and Toda, 1981), keeping the order with the fewest crossings seen.
 * @throws RangeError for repeated ids, edges to unknown nodes, and cycles, naming them.
 */
export function layoutGraph(ids: readonly string[], edges: readonly Arrow[]): Layout {
  const depth = longestPaths(ids, edges);
  const layers: string[][] = [];
  const put = (layer: number, key: string): void => {
    while (layers.length <= layer) layers.push([]);
    layers[layer].push(key);
  };
  for (const id of ids) put(depth.get(id)!, `node ${id}`);
  const chains = edges.map(({ from, to }, e) => {
    const chain = [`node ${from}`];
    for (let l = depth.get(from)! + 1; l < depth.get(to)!; l++) {
      put(l, `bend ${e} ${l}`);
      chain.push(`bend ${e} ${l}`);
    }
    return [...chain, `node ${to}`];
  });
  return { layers: order(layers, chains), chains };
}

function longestPaths(ids: readonly string[], edges: readonly Arrow[]): Map<string, number> {
  const depth = new Map<string, number>();
  const waiting = new Map<string, number>();
  for (const id of ids) {
    if (depth.has(id)) throw new RangeError(`graphSvg: two nodes have the id "${id}", expected one`);
    depth.set(id, 0);
    waiting.set(id, 0);
  }
  for (const { from, to } of edges) {
    for (const id of [from, to]) {
      if (!depth.has(id))
        throw new RangeError(
          `graphSvg: the edge "${from}" → "${to}" names the node "${id}", which is not among the nodes`,
        );
    }
    waiting.set(to, waiting.get(to)! + 1);
  }
  const ready = ids.filter((id) => waiting.get(id) === 0);
  for (const id of ready) {
    for (const { to } of edges.filter(({ from }) => from === id)) {
      depth.set(to, Math.max(depth.get(to)!, depth.get(id)! + 1));
      waiting.set(to, waiting.get(to)! - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  }
  if (ready.length < ids.length) {
    const done = new Set(ready);
    const stuck = ids.filter((id) => !done.has(id)).map((id) => `"${id}"`);
    throw new RangeError(
      `graphSvg: the edges form a cycle among or before ${stuck.join(', ')}; expected a graph without cycles`,
    );
  }
  return depth;
}

/** A layer of which the places follow from those in the layer `near` it: `neighbours` has for each key those that it joins there. */
export interface Step {
  layer: number;
  near: number;
  neighbours: ReadonlyMap<string, readonly string[]>;
}

/** From the first layer to the last and back again, so many times, with what joins each layer to the one before on this way. */
export function sweeps(layers: readonly string[][], chains: readonly string[][], times: number): Step[][] {
  const none = (): Map<string, string[]> => new Map(layers.flat().map((key) => [key, []]));
  const [before, after] = [none(), none()];
  for (const chain of chains) {
    chain.slice(1).forEach((key, i) => {
      before.get(key)!.push(chain[i]);
      after.get(chain[i])!.push(key);
    });
  }
  const inner = layers.slice(1);
  const there = inner.map((_, l) => ({ layer: l + 1, near: l, neighbours: before }));
  const back = inner.map((_, l) => ({ layer: l, near: l + 1, neighbours: after })).reverse();
  return Array.from({ length: times }, () => [there, back]).flat();
}

function order(layers: string[][], chains: string[][]): string[][] {
  let best = layers;
  let fewest = crossings(layers, chains);
  const current = [...layers];
  for (const sweep of sweeps(layers, chains, 4)) {
    for (const { layer, near, neighbours } of sweep)
      current[layer] = byBarycentre(current[layer], current[near], neighbours);
    const count = crossings(current, chains);
    if (count < fewest) [best, fewest] = [[...current], count];
  }
  return best;
}

/** Stable: ties, and keys without a neighbour, keep their places. */
function byBarycentre(layer: string[], near: string[], neighbours: Step['neighbours']): string[] {
  const place = new Map(near.map((key, i) => [key, i]));
  const weights = new Map(layer.map((key, i) => [key, mean(neighbours.get(key)!, place) ?? i]));
  return layer.toSorted((a, b) => weights.get(a)! - weights.get(b)!);
}

/** Of the places of these keys; undefined where there are none. */
export function mean(keys: readonly string[], place: ReadonlyMap<string, number>): number | undefined {
  return keys.length === 0 ? undefined : keys.reduce((sum, key) => sum + place.get(key)!, 0) / keys.length;
}

/** Number of pairs of edges between neighbouring layers that cross. */
export function crossings(layers: string[][], chains: string[][]): number {
  const place = new Map(layers.flatMap((layer, l) => layer.map((key, i) => [key, { l, i }] as const)));
  const spans = chains.flatMap((chain) =>
    chain.slice(1).map((key, k) => [place.get(chain[k])!, place.get(key)!] as const),
  );
  let count = 0;
  spans.forEach(([a, b], s) => {
    for (const [c, d] of spans.slice(s + 1)) if (a.l === c.l && (a.i - c.i) * (b.i - d.i) < 0) count++;
  });
  return count;
}

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
    (layers[layer] as string[]).push(key);
  };
  for (const id of ids) put(depth.get(id) as number, `node ${id}`);
  const chains = edges.map(({ from, to }, e) => {
    const chain = [`node ${from}`];
    for (let l = (depth.get(from) as number) + 1; l < (depth.get(to) as number); l++) {
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
  const after = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) {
    for (const id of [from, to]) {
      if (!depth.has(id))
        throw new RangeError(
          `graphSvg: the edge "${from}" → "${to}" names the node "${id}", which is not among the nodes`,
        );
    }
    after.get(from)?.push(to);
    waiting.set(to, (waiting.get(to) as number) + 1);
  }
  const ready = ids.filter((id) => waiting.get(id) === 0);
  for (const id of ready) {
    for (const next of after.get(id) as string[]) {
      depth.set(next, Math.max(depth.get(next) as number, (depth.get(id) as number) + 1));
      waiting.set(next, (waiting.get(next) as number) - 1);
      if (waiting.get(next) === 0) ready.push(next);
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

const SWEEPS = 8;

function order(layers: string[][], chains: string[][]): string[][] {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, other: string): unknown =>
    map.has(key) ? map.get(key)?.push(other) : map.set(key, [other]);
  for (const chain of chains) {
    for (let i = 1; i < chain.length; i++) {
      push(after, chain[i - 1] as string, chain[i] as string);
      push(before, chain[i] as string, chain[i - 1] as string);
    }
  }
  let current = layers.map((layer) => [...layer]);
  let best = current;
  let fewest = crossings(current, after);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    const next = current.map((layer) => [...layer]);
    const indices = next.map((_, l) => l);
    for (const l of down ? indices.slice(1) : indices.reverse().slice(1)) {
      next[l] = byBarycentre(next[l] as string[], next[down ? l - 1 : l + 1] as string[], down ? before : after);
    }
    current = next;
    const count = crossings(current, after);
    if (count < fewest) [best, fewest] = [current, count];
  }
  return best;
}

/** Stable: ties, and keys without a neighbour, keep their places. */
function byBarycentre(layer: string[], fixed: string[], neighbours: Map<string, string[]>): string[] {
  const place = new Map(fixed.map((key, i) => [key, i]));
  const weight = layer.map((key, i) => {
    const places = (neighbours.get(key) ?? []).flatMap((other) => place.get(other) ?? []);
    return places.length === 0 ? i : places.reduce((a, b) => a + b, 0) / places.length;
  });
  return layer
    .map((_, i) => i)
    .sort((a, b) => (weight[a] as number) - (weight[b] as number) || a - b)
    .map((i) => layer[i] as string);
}

/** Number of pairs of edges between neighbouring layers that cross. */
export function crossings(layers: string[][], after: Map<string, string[]>): number {
  let count = 0;
  for (let l = 0; l + 1 < layers.length; l++) {
    const place = new Map((layers[l + 1] as string[]).map((key, i) => [key, i]));
    const ends = (layers[l] as string[]).map((key) =>
      (after.get(key) ?? []).flatMap((other) => place.get(other) ?? []),
    );
    for (let i = 0; i < ends.length; i++) {
      for (let j = i + 1; j < ends.length; j++) {
        for (const a of ends[i] as number[]) for (const b of ends[j] as number[]) if (a > b) count++;
      }
    }
  }
  return count;
}

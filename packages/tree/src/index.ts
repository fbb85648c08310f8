/** First version, so that the packages above can run; the full API replaces it. */
const BRAND = Symbol.for('lemmata.tensor');
type Any = any;

export function isLeaf(value: unknown): boolean {
  return value === undefined || typeof value !== 'object' || (value !== null && BRAND in value);
}

function children(node: Any): [string, unknown][] {
  return node === null ? [] : Object.entries(node);
}

export function leaves(tree: Any): Any[] {
  return isLeaf(tree) ? [tree] : children(tree).flatMap(([, child]) => leaves(child));
}

export function paths(tree: Any, prefix: string = ''): string[] {
  if (isLeaf(tree)) return [prefix];
  return children(tree).flatMap(([name, child]) => paths(child, prefix === '' ? name : `${prefix}.${name}`));
}

export function map(f: (...leaves: Any[]) => Any, ...trees: Any[]): Any {
  const [first] = trees;
  if (isLeaf(first)) return f(...trees);
  if (first === null) return null;
  if (Array.isArray(first)) return first.map((_, i) => map(f, ...trees.map((t) => t[i])));
  return Object.fromEntries(Object.keys(first).map((name) => [name, map(f, ...trees.map((t) => t[name]))]));
}

export function flatten(tree: Any): { leaves: Any[]; paths: string[]; def: Any } {
  return { leaves: leaves(tree), paths: paths(tree), def: tree };
}

export function unflatten(def: Any, values: Any[]): Any {
  let next = 0;
  return map(() => values[next++], def);
}

import { flatten, unflatten } from './flatten.js';
import { checkName } from './node.js';
import { TreeError } from './tree-error.js';
import type { LeafOf, MapLeaves } from './types.js';

/**
 * A tree as one flat object from paths to leaves, named as a PyTorch state_dict names them.
 *
 * @throws TreeError if two leaves have the same path, as in `{ 'a.b': 1, a: { b: 2 } }`.
 */
export function toRecord<T>(tree: T): Record<string, LeafOf<T>> {
  const { leaves, paths } = flatten(tree);
  const record: Record<string, LeafOf<T>> = {};
  const twice = new Set<string>();
  for (const [i, path] of paths.entries()) {
    if (Object.hasOwn(record, path)) twice.add(path);
    record[path] = leaves[i]!;
  }
  if (twice.size > 0) {
    throw new TreeError(
      'toRecord',
      [...twice].map((path) => `two leaves have the path '${path}'; do not use dots in names`),
    );
  }
  return record;
}

/** Says why a leaf must not be replaced by another, such as one of another shape; undefined if it may. */
export type Refusal<L, R> = (path: string, leaf: L, replacement: R) => string | undefined;

/**
 * The tree with every leaf replaced by the record's value under its path.
 *
 * @param refuse an optional check of each pair.
 * @throws TreeError that lists every path missing, every path unexpected, and every refusal at once.
 */
export function fromRecord<T, R>(
  tree: T,
  record: Readonly<Record<string, R>>,
  refuse?: Refusal<LeafOf<T>, R>,
): MapLeaves<T, R> {
  const { leaves, paths, def } = flatten(tree);
  for (const name of Object.keys(record)) if (name !== '') checkName('fromRecord', name, '');
  const known = new Set(paths);
  const missing = paths.filter((path) => !Object.hasOwn(record, path));
  const unexpected = Object.keys(record).filter((path) => !known.has(path));
  const reasons = [
    ...missing.map((path) => `missing '${path}'`),
    ...unexpected.map((path) => `unexpected '${path}'`),
    ...(known.size < paths.length ? ['two leaves have the same path'] : []),
  ];
  if (refuse !== undefined) {
    for (const [i, path] of paths.entries()) {
      if (!Object.hasOwn(record, path)) continue;
      const reason = refuse(path, leaves[i]!, record[path]!);
      if (reason !== undefined) reasons.push(`'${path}': ${reason}`);
    }
  }
  if (reasons.length > 0) throw new TreeError('fromRecord', reasons);
  return unflatten(
    def,
    paths.map((path) => record[path]!),
  );
}

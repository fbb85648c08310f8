import { flatten, unflatten } from './flatten.js';
import { checkDepth, childOf, childPath, type Container, kindOf, namesOf, rebuild } from './node.js';
import { quotePath, TreeError } from './tree-error.js';
import type { LeafOf, MapLeaves } from './types.js';

/** The tree with null in place of the leaves that the predicate does not keep. */
export function filter<T>(tree: T, keep: (path: string, leaf: LeafOf<T>) => boolean): MapLeaves<T, LeafOf<T> | null> {
  return partition(tree, keep)[0];
}

/**
 * The tree as two of the same outline: the leaves that the predicate takes, and the others, each
 * with null in place of what the other holds. {@link combine} is its inverse.
 *
 * ```ts
 * const [frozen, trained] = partition(params, (path) => path.startsWith('backbone.'));
 * ```
 */
export function partition<T>(
  tree: T,
  take: (path: string, leaf: LeafOf<T>) => boolean,
): [taken: MapLeaves<T, LeafOf<T> | null>, others: MapLeaves<T, LeafOf<T> | null>] {
  const { leaves, paths, def } = flatten(tree);
  const taken = leaves.map((leaf, i) => take(paths[i]!, leaf));
  const pick = (want: boolean) =>
    unflatten(
      def,
      leaves.map((leaf, i) => (taken[i] === want ? leaf : null)),
    );
  return [pick(true), pick(false)];
}

/**
 * One tree of several with the same outline, taking each place from the tree in which it is not
 * empty. Throws a TreeError if two trees hold a leaf in the same place, or if outlines differ.
 */
export function combine(...trees: readonly unknown[]): unknown {
  const reasons: string[] = [];
  const result = merge(trees, '', 0, reasons);
  if (reasons.length > 0) throw new TreeError('combine', reasons);
  return result;
}

function merge(trees: readonly unknown[], path: string, depth: number, reasons: string[]): unknown {
  checkDepth('combine', depth, path);
  const present = trees.filter((tree) => kindOf('combine', tree, path) !== 'empty');
  if (present.length <= 1) return present.length === 1 ? present[0] : trees[0];
  const kinds = new Set(present.map((tree) => kindOf('combine', tree, path)));
  const kind = [...kinds][0]!;
  if (kinds.size > 1 || kind === 'leaf') {
    reasons.push(
      kinds.size > 1
        ? `${quotePath(path)} is not of the same kind in all trees`
        : `${quotePath(path)} is a leaf in ${present.length} trees`,
    );
    return undefined;
  }
  const names = namesOf(present[0] as Container);
  const differ = present.some((tree) => {
    const own = namesOf(tree as Container);
    return own.length !== names.length || !own.every((name) => names.includes(name));
  });
  if (differ) {
    reasons.push(`${quotePath(path)} does not have the same names in all trees`);
    return undefined;
  }
  const children = names.map((name) =>
    merge(
      present.map((tree) => childOf(tree as Container, name)),
      childPath(path, name),
      depth + 1,
      reasons,
    ),
  );
  return rebuild(kind, names, children);
}

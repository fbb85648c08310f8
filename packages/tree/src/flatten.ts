import { checkDepth, childOf, childPath, type Container, kindOf, namesOf, rebuild } from './node.js';
import { TreeError } from './tree-error.js';
import type { LeafOf, MapLeaves } from './types.js';

/** One place of a structure. */
export type TreeNode =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'empty'; readonly value: null | undefined }
  | { readonly kind: 'array' | 'object'; readonly names: readonly string[]; readonly children: readonly TreeNode[] };

/** The structure of a tree, as plain data without its leaves. */
export interface TreeDef<T = unknown> {
  readonly root: TreeNode;
  /** The path of each leaf, in order. */
  readonly paths: readonly string[];
  /** Never there: carries the tree's type to {@link unflatten}. */
  readonly type?: T;
}

/** A tree taken apart. */
export interface Flat<T> {
  readonly leaves: LeafOf<T>[];
  /** `conv1.weight`, `layers.0.bias`: names and indices joined by dots; `''` for a tree that is one leaf. */
  readonly paths: readonly string[];
  readonly def: TreeDef<T>;
}

/** Leaves, paths and structure of a tree, in insertion order; integer-like names come first, as in any object. */
export function flatten<T>(tree: T): Flat<T> {
  const leaves: unknown[] = [];
  const paths: string[] = [];
  const root = take(tree, '', 0, leaves, paths);
  return { leaves: leaves as LeafOf<T>[], paths, def: { root, paths } };
}

/** The leaves of a tree, in the order of {@link flatten}. */
export function leaves<T>(tree: T): LeafOf<T>[] {
  return flatten(tree).leaves;
}

/** The path of each leaf, in the order of {@link flatten}. */
export function paths(tree: unknown): readonly string[] {
  return flatten(tree).paths;
}

/** Puts leaves back into a structure; throws a TreeError unless there is one for each place. */
export function unflatten<T, R>(def: TreeDef<T>, leaves: readonly R[]): MapLeaves<T, R> {
  if (leaves.length !== def.paths.length) {
    throw new TreeError('unflatten', [`the structure has ${def.paths.length} leaves, but ${leaves.length} were given`]);
  }
  let next = 0;
  const put = (node: TreeNode): unknown => {
    if (node.kind === 'leaf') return leaves[next++];
    if (node.kind === 'empty') return node.value;
    return rebuild(node.kind, node.names, node.children.map(put));
  };
  return put(def.root) as MapLeaves<T, R>;
}

function take(tree: unknown, path: string, depth: number, leaves: unknown[], paths: string[]): TreeNode {
  checkDepth('flatten', depth, path);
  const kind = kindOf('flatten', tree, path);
  if (kind === 'leaf') {
    leaves.push(tree);
    paths.push(path);
    return leafNode;
  }
  if (kind === 'empty') return tree === null ? nullNode : undefinedNode;
  const names = namesOf(tree as Container);
  const children = names.map((name) =>
    take(childOf(tree as Container, name), childPath(path, name), depth + 1, leaves, paths),
  );
  return { kind, names, children };
}

const leafNode: TreeNode = { kind: 'leaf' };
const nullNode: TreeNode = { kind: 'empty', value: null };
const undefinedNode: TreeNode = { kind: 'empty', value: undefined };

import { checkDepth, childOf, childPath, type Container, kindOf, namesOf, rebuild } from './node.js';
import { mismatch } from './structure.js';
import { TreeError } from './tree-error.js';
import type { LeafOf, LeavesOf, MapLeaves } from './types.js';

/**
 * The tree whose leaves are `f` of the leaves in the same place. Further trees must have the
 * structure of the first; objects are matched by name, in the first tree's order. Empty places stay.
 *
 * ```ts
 * map((p, g) => p - 0.1 * g, { w: 1, b: 2 }, { b: 20, w: 10 }); // { w: 0, b: 0 }
 * ```
 *
 * @throws TreeError that names every place in which the structures differ.
 */
export function map<T, Rest extends readonly unknown[], R>(
  f: (leaf: LeafOf<T>, ...rest: LeavesOf<Rest>) => R,
  tree: T,
  ...rest: Rest
): MapLeaves<T, R> {
  return walk('map', (_, ...leaves) => f(...(leaves as [LeafOf<T>, ...LeavesOf<Rest>])), tree, rest) as MapLeaves<T, R>;
}

/** {@link map} with the dotted path of the place, such as `layers.0.weight`, before the leaves. */
export function mapWithPath<T, Rest extends readonly unknown[], R>(
  f: (path: string, leaf: LeafOf<T>, ...rest: LeavesOf<Rest>) => R,
  tree: T,
  ...rest: Rest
): MapLeaves<T, R> {
  return walk('mapWithPath', f as (path: string, ...leaves: unknown[]) => unknown, tree, rest) as MapLeaves<T, R>;
}

function walk(
  op: string,
  f: (path: string, ...leaves: unknown[]) => unknown,
  tree: unknown,
  rest: readonly unknown[],
): unknown {
  // Structures are compared before the first call, so that a mismatch has no side effects.
  const reasons: string[] = [];
  if (rest.length > 0) compare(op, tree, rest, '', 0, reasons);
  if (reasons.length > 0) throw new TreeError(op, reasons);
  return build(op, f, tree, rest, '', 0);
}

function compare(
  op: string,
  tree: unknown,
  rest: readonly unknown[],
  path: string,
  depth: number,
  reasons: string[],
): void {
  checkDepth(op, depth, path);
  const kind = kindOf(op, tree, path);
  const alike = rest.filter((other, i) => {
    const reason = mismatch(op, kind, tree, other, path, i + 1);
    if (reason !== undefined) reasons.push(reason);
    return reason === undefined;
  });
  if (alike.length < rest.length || kind === 'leaf' || kind === 'empty') return;
  for (const name of namesOf(tree as Container)) {
    const others = rest.map((other) => childOf(other as Container, name));
    compare(op, childOf(tree as Container, name), others, childPath(path, name), depth + 1, reasons);
  }
}

function build(
  op: string,
  f: (path: string, ...leaves: unknown[]) => unknown,
  tree: unknown,
  rest: readonly unknown[],
  path: string,
  depth: number,
): unknown {
  checkDepth(op, depth, path);
  const kind = kindOf(op, tree, path);
  if (kind === 'empty') return tree;
  if (kind === 'leaf') return f(path, tree, ...rest);
  const names = namesOf(tree as Container);
  const children = names.map((name) =>
    build(
      op,
      f,
      childOf(tree as Container, name),
      rest.map((other) => childOf(other as Container, name)),
      childPath(path, name),
      depth + 1,
    ),
  );
  return rebuild(kind, names, children);
}

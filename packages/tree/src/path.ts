import { checkDepth, childOf, childPath, type Container, kindOf, namesOf, rebuild } from './node.js';
import { TreeError } from './tree-error.js';

/**
 * The subtree or leaf at a dotted path; `''` is the tree itself. A name that contains dots is
 * found too: the first that fits, in order.
 *
 * @throws TreeError that lists the names there are where the path leaves the tree.
 */
export function get(tree: unknown, path: string): unknown {
  return change('get', tree, path).found;
}

/** The tree with the subtree or leaf at a path replaced; shares the rest with the original, which stays as it is. */
export function set(tree: unknown, path: string, value: unknown): unknown {
  return change('set', tree, path, { value }).tree;
}

interface Changed {
  readonly found: unknown;
  readonly tree: unknown;
}

function change(op: string, tree: unknown, path: string, replacement?: { readonly value: unknown }): Changed {
  if (replacement !== undefined) kindOf(op, replacement.value, path);
  const changed = descend(op, tree, path, '', 0, replacement);
  if (changed !== undefined) return changed;
  let reached = '';
  let at = tree;
  for (;;) {
    const next = candidates(op, at, rest(path, reached), reached)[0];
    if (next === undefined) break;
    at = childOf(at as Container, next);
    reached = childPath(reached, next);
  }
  const kind = kindOf(op, at, reached);
  const there = kind === 'array' || kind === 'object' ? namesOf(at as Container) : [];
  const place = reached === '' ? 'the root' : `'${reached}'`;
  throw new TreeError(op, [
    `no '${path}': ${place} ${there.length === 0 ? 'has nothing below it' : `has ${there.map((name) => `'${name}'`).join(', ')}`}`,
  ]);
}

function rest(path: string, reached: string): string {
  return reached === '' ? path : path.slice(reached.length + 1);
}

/** The names with which the rest of a path can begin. */
function candidates(op: string, tree: unknown, path: string, at: string): readonly string[] {
  const kind = kindOf(op, tree, at);
  if (kind !== 'array' && kind !== 'object') return [];
  return namesOf(tree as Container).filter((name) => path === name || path.startsWith(`${name}.`));
}

function descend(
  op: string,
  tree: unknown,
  path: string,
  at: string,
  depth: number,
  replacement: { readonly value: unknown } | undefined,
): Changed | undefined {
  checkDepth(op, depth, at);
  if (path === '') return { found: tree, tree: replacement === undefined ? tree : replacement.value };
  for (const name of candidates(op, tree, path, at)) {
    const below = descend(
      op,
      childOf(tree as Container, name),
      rest(path, name),
      childPath(at, name),
      depth + 1,
      replacement,
    );
    if (below === undefined) continue;
    if (replacement === undefined) return below;
    const names = namesOf(tree as Container);
    const children = names.map((other) => (other === name ? below.tree : childOf(tree as Container, other)));
    return { found: below.found, tree: rebuild(Array.isArray(tree) ? 'array' : 'object', names, children) };
  }
  return undefined;
}

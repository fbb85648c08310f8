import { checkDepth, childOf, childPath, type Container, kindOf, type Kind, namesOf } from './node.js';
import { quotePath } from './tree-error.js';

/**
 * True when both trees have leaves, arrays and names in the same places. The order of an object's
 * names does not matter, nor whether an empty place holds null or undefined.
 */
export function sameStructure(a: unknown, b: unknown): boolean {
  return same(a, b, '', 0);
}

function same(a: unknown, b: unknown, path: string, depth: number): boolean {
  checkDepth('sameStructure', depth, path);
  const kind = kindOf('sameStructure', a, path);
  if (mismatch('sameStructure', kind, a, b, path, 1) !== undefined) return false;
  if (kind === 'leaf' || kind === 'empty') return true;
  return namesOf(a as Container).every((name) =>
    same(childOf(a as Container, name), childOf(b as Container, name), childPath(path, name), depth + 1),
  );
}

/** How one place of the tree numbered `which` differs from that of the first; undefined if it does not. */
export function mismatch(
  op: string,
  kind: Kind,
  first: unknown,
  other: unknown,
  path: string,
  which: number,
): string | undefined {
  const otherKind = kindOf(op, other, path);
  if (otherKind !== kind) {
    return `${quotePath(path)} is ${words[kind]} in the first tree, but ${words[otherKind]} in tree ${which + 1}`;
  }
  if (kind === 'leaf' || kind === 'empty') return undefined;
  const names = namesOf(first as Container);
  const otherNames = namesOf(other as Container);
  if (kind === 'array') {
    if (names.length === otherNames.length) return undefined;
    return `${quotePath(path)} has ${names.length} elements in the first tree, but ${otherNames.length} in tree ${which + 1}`;
  }
  const missing = names.filter((name) => !Object.hasOwn(other as object, name));
  const extra = otherNames.filter((name) => !Object.hasOwn(first as object, name));
  if (missing.length === 0 && extra.length === 0) return undefined;
  const list = (list: string[]) => list.map((name) => `'${childPath(path, name)}'`).join(', ');
  const parts = [
    missing.length > 0 ? `lacks ${list(missing)}` : '',
    extra.length > 0 ? `has ${list(extra)} too many` : '',
  ];
  return `tree ${which + 1} ${parts.filter((part) => part !== '').join(' and ')}`;
}

const words: Record<Kind, string> = { leaf: 'a leaf', empty: 'empty', array: 'an array', object: 'an object' };

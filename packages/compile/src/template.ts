import { isTensor, sameSpec, type Interpreter, type Spec, type Tensor } from '@lemmata/tensor';
import { flatten, type TreeNode } from '@lemmata/tree';

/** A number among the arguments: an input of the program, so that another number needs no other program. */
const NUMBER_SPEC: Spec = { shape: [], dtype: 'float64', weak: true };

/** The structure of a tree: places, numbered in order, for what changes from call to call, and all else as it is. */
export type Template =
  | { readonly kind: 'place'; readonly index: number; readonly spec: Spec }
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'array'; readonly children: readonly Template[] }
  | { readonly kind: 'object'; readonly names: readonly string[]; readonly children: readonly Template[] };

/** A tree taken apart. */
export interface TakenApart<T> {
  readonly template: Template;
  /** What stands at the places, and their paths. */
  readonly leaves: readonly T[];
  readonly paths: readonly string[];
}

/** Takes a tree apart: leaves of which `isPlace` holds are places, numbered from `first` on. */
export function takeApart<T extends Tensor | number>(
  tree: unknown,
  isPlace: (leaf: unknown) => leaf is T,
  first = 0,
): TakenApart<T> {
  const flat = flatten<unknown>(tree);
  const all = flat.leaves;
  const leaves: T[] = [];
  const paths: string[] = [];
  let next = 0;
  const templateOf = (node: TreeNode): Template => {
    if (node.kind === 'empty') return { kind: 'static', value: node.value };
    if (node.kind === 'array') return { kind: 'array', children: node.children.map(templateOf) };
    if (node.kind === 'object') return { kind: 'object', names: node.names, children: node.children.map(templateOf) };
    const leaf = all[next++];
    if (!isPlace(leaf)) return { kind: 'static', value: leaf };
    paths.push(flat.paths[next - 1]);
    return { kind: 'place', index: first + leaves.push(leaf) - 1, spec: specOf(leaf) };
  };
  return { template: templateOf(flat.def.root), leaves, paths };
}

export function isDynamic(leaf: unknown): leaf is Tensor | number {
  return typeof leaf === 'number' || isTensor(leaf);
}

export function specOf(leaf: Tensor | number): Spec {
  return typeof leaf === 'number' ? NUMBER_SPEC : leaf.spec;
}

/**
 * Whether a tree has this structure, in which the order of names does not count, and its tensors are of one of these
 * interpreters; puts what stands at the places into `leaves`, where what fitted a place before is known to fit again.
 */
export function match(
  template: Template,
  tree: unknown,
  interpreters: readonly [Interpreter, Interpreter],
  leaves: (Tensor | number)[],
): boolean {
  switch (template.kind) {
    case 'place': {
      const { spec, index } = template;
      if (typeof tree === 'number') {
        if (spec !== NUMBER_SPEC) return false;
      } else {
        if (leaves[index] === tree) return true;
        if (!isTensor(tree)) return false;
        const { spec: given, interpreter } = tree;
        if (interpreter !== interpreters[0] && interpreter !== interpreters[1]) return false;
        if (spec !== given && (spec === NUMBER_SPEC || spec.weak !== given.weak || !sameSpec(spec, given)))
          return false;
      }
      leaves[index] = tree;
      return true;
    }
    case 'static':
      return Object.is(template.value, tree);
    case 'array': {
      const { children } = template;
      if (!Array.isArray(tree) || tree.length !== children.length) return false;
      for (let i = 0; i < children.length; i++) if (!match(children[i], tree[i], interpreters, leaves)) return false;
      return true;
    }
    case 'object': {
      // A tensor fails on its names.
      if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return false;
      const { names, children } = template;
      let count = 0;
      for (const name in tree) {
        const value = (tree as Readonly<Record<string, unknown>>)[name];
        const i = name === names[count] ? count : names.indexOf(name);
        if (i < 0) return false;
        count++;
        const child = children[i];
        if (child.kind === 'place' && leaves[child.index] === value && typeof value !== 'number') continue;
        if (!match(child, value, interpreters, leaves)) return false;
      }
      return count === names.length;
    }
  }
}

/** The tree of this structure with these leaves at its places. */
export function build(template: Template, leaves: readonly unknown[]): unknown {
  switch (template.kind) {
    case 'place':
      return leaves[template.index];
    case 'static':
      return template.value;
    case 'array': {
      const { children } = template;
      const made = new Array<unknown>(children.length);
      for (let i = 0; i < children.length; i++) made[i] = build(children[i], leaves);
      return made;
    }
    case 'object': {
      const { names, children } = template;
      const made: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) {
        const child = children[i];
        made[names[i]] = child.kind === 'place' ? leaves[child.index] : build(child, leaves);
      }
      return made;
    }
  }
}

import { flatten } from '@lemmata/tree';
import { formatSpec, isTensor, type Spec, type Tensor } from '@lemmata/tensor';

/** A number among the arguments: an input of the program, so that another number needs no other program. */
export const NUMBER_SPEC: Spec = { shape: [], dtype: 'float64', weak: true };

/** One argument taken apart. */
export interface Flat {
  /** Tensors and numbers. Other leaves (strings, booleans, undefined) are part of the structure. */
  readonly leaves: readonly (Tensor | number)[];
  readonly paths: readonly string[];
  /** Equal for two arguments exactly when one program serves both. */
  readonly structure: number;
}

export function isDynamic(leaf: unknown): leaf is Tensor | number {
  return typeof leaf === 'number' || isTensor(leaf);
}

export function specOf(leaf: Tensor | number): Spec {
  return typeof leaf === 'number' ? NUMBER_SPEC : leaf.spec;
}

/** `structures` numbers the structures met so far. */
export function flattenArgument(argument: unknown, structures: Map<string, number>): Flat {
  const { leaves, paths } = flatten<unknown>(argument);
  const dynamic = (leaves as unknown[])
    .map((leaf, i) => ({ leaf, path: paths[i]! }))
    .filter(({ leaf }) => isDynamic(leaf));
  const text = structureOf(argument);
  let structure = structures.get(text);
  if (structure === undefined) structures.set(text, (structure = structures.size));
  return {
    leaves: dynamic.map(({ leaf }) => leaf as Tensor | number),
    paths: dynamic.map(({ path }) => path),
    structure,
  };
}

function structureOf(node: unknown): string {
  if (isDynamic(node)) {
    const spec = specOf(node);
    return spec.weak ? `weak ${formatSpec(spec)}` : formatSpec(spec);
  }
  if (Array.isArray(node)) return `[${node.map(structureOf).join()}]`;
  if (typeof node === 'object' && node !== null) {
    return `{${Object.entries(node)
      .map(([name, child]) => `${JSON.stringify(name)}:${structureOf(child)}`)
      .join()}}`;
  }
  return typeof node === 'string' ? JSON.stringify(node) : String(node);
}

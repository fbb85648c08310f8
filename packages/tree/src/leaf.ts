/**
 * The key that every tensor carries, and by which its kind is recognised even if two copies of the
 * library are loaded.
 */
export const tensorBrand: unique symbol = Symbol.for('lemmata.tensor') as typeof tensorBrand;

/** Anything that carries the brand. */
export interface Branded {
  readonly [tensorBrand]: unknown;
}

/** What a tree holds: tensors, and plain values that a tree carries along. */
export type Leaf = Branded | number | boolean | string | bigint;

/** True of tensors (known by their brand) and of primitives other than null, undefined and symbols. */
export function isLeaf(value: unknown): value is Leaf {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'string':
    case 'bigint':
      return true;
    case 'object':
      return value !== null && tensorBrand in value;
    default:
      return false;
  }
}

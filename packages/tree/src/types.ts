import type { Leaf } from './leaf.js';

/** Nested arrays and plain objects of leaves. `null` and `undefined` are trees without leaves. */
export type Tree<L> = L | null | undefined | readonly Tree<L>[] | { readonly [name: string]: Tree<L> };

/**
 * The union of the leaves of a tree type; `unknown` of a type that says nothing. Looks 12 levels
 * deep, so that recursive types end.
 */
export type LeafOf<T, Depth extends readonly unknown[] = []> = unknown extends T
  ? T
  : Depth['length'] extends 12
    ? never
    : T extends Leaf
      ? T
      : T extends null | undefined
        ? never
        : T extends readonly (infer U)[]
          ? LeafOf<U, [...Depth, 0]>
          : T extends object
            ? { [K in keyof T]-?: LeafOf<T[K], [...Depth, 0]> }[keyof T]
            : never;

/** The tree type with every leaf replaced; of a type that contains itself, such as `Tree<L>`, it is `Tree<R>`. */
export type MapLeaves<T, R> = [readonly T[]] extends [T]
  ? Tree<R>
  : T extends Leaf
    ? R
    : T extends null | undefined
      ? T
      : { [K in keyof T]: MapLeaves<T[K], R> };

/** The leaf types of several trees. */
export type LeavesOf<Trees extends readonly unknown[]> = { [K in keyof Trees]: LeafOf<Trees[K]> };

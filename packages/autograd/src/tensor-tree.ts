import type { Tensor } from '@lemmata/tensor';
import { leaves, map } from '@lemmata/tree';

/** A tree of tensors: parameters, gradients, results. */
export type TensorTree = Tensor | readonly TensorTree[] | { readonly [name: string]: TensorTree };

/** The tree with every tensor replaced by `f` of it, which is of the same type: no type tells what a generic tree holds. */
export function mapTensors<T>(f: (tensor: Tensor) => Tensor, tree: T): T {
  return map<unknown, [], Tensor>((leaf) => f(leaf as Tensor), tree) as T;
}

/** The tensors of a tree, in order. */
export function tensorLeaves(tree: unknown): Tensor[] {
  return leaves<unknown>(tree) as Tensor[];
}

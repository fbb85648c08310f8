import { isTensor, type Tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';

/** The tree with its tensors put on a backend, such as `wasmBackend()`: what is computed with them runs there. */
export function placed<T>(tree: T, backend: { put(tensor: Tensor): Tensor }): T {
  return map((leaf: unknown) => (isTensor(leaf) ? backend.put(leaf) : leaf), tree as never) as T;
}

import { sizeOf } from '@lemmata/shape';
import {
  arrayOver,
  BYTES_PER_ELEMENT,
  eagerValue,
  packedView,
  Tensor,
  type Backend,
  type Eager,
  type EagerValue,
  type Spec,
  type Storage,
  type View,
} from '@lemmata/tensor';

/**
 * Memory of one donated leaf, from call to call, in two halves: a program reads one and writes the other, and a call
 * that succeeds changes from one to the other. So a call that is refused has changed nothing, and nothing is copied.
 */
export class Resident {
  readonly spec: Spec;
  readonly halves: readonly [View, View];
  /** The half that holds the elements of `tensor`. */
  current: 0 | 1 = 0;
  /** The tensor that stands for it outside, or null. */
  tensor: Tensor | null = null;

  constructor(spec: Spec, backend: Backend) {
    this.spec = spec;
    this.halves = [reserved(backend, spec), reserved(backend, spec)];
  }

  /** Sees to it that `half` holds what the tensor outside holds. */
  turnTo(half: 0 | 1): void {
    if (half === this.current) return;
    const { data } = this.halves[half];
    data.set(this.halves[this.current].data);
    this.current = half;
    if (this.tensor !== null) eagerValue(this.tensor).storage.data = data;
  }

  /** Gives the tensor outside memory of its own, since it was not donated and stays readable. */
  evict(): void {
    if (this.tensor === null) return;
    const { storage } = eagerValue(this.tensor);
    storage.data = this.halves[this.current].data.slice();
    this.tensor = null;
  }

  /** The tensor outside ends, for the reason `fate`; a new one, made by `madeBy`, stands for the elements of `half`. */
  replace(half: 0 | 1, eager: Eager, madeBy: string, fate: string): Tensor {
    if (this.tensor !== null) {
      const { storage } = eagerValue(this.tensor);
      storage.data = null;
      storage.fate = fate;
    }
    const view = this.halves[half];
    const { dtype, data } = view;
    const storage: Storage = { data, length: data.length, dtype, madeBy, fate: undefined };
    this.current = half;
    return (this.tensor = new Tensor(this.spec, eager, { storage, layout: view } satisfies EagerValue));
  }
}

/** Memory that is kept, for elements of this spec. */
export function reserved(backend: Backend, spec: Spec): View {
  const size = sizeOf(spec.shape);
  return packedView(spec, arrayOver(spec.dtype, backend.reserve(size * BYTES_PER_ELEMENT[spec.dtype]), size));
}

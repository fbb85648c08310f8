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
 * The tensors that stand outside for the residents of one function. Each call makes a new list, since the garbage collector
 * keeps track of every new object that an old one refers to, which takes longer than making the tensor.
 */
export interface Outside {
  tensors: (Tensor | null)[];
}

/**
 * Memory of one donated leaf, from call to call, in two halves: a program reads one and writes the other, and a call
 * that succeeds changes from one to the other. So a call that is refused has changed nothing, and nothing is copied.
 */
export class Resident {
  readonly spec: Spec;
  readonly halves: readonly [View, View];
  /** The half that holds the elements of `tensor`. */
  current: 0 | 1 = 0;
  private readonly outside: Outside;
  private readonly number: number;

  constructor(spec: Spec, backend: Backend, outside: Outside) {
    this.spec = spec;
    this.halves = [reserved(backend, spec), reserved(backend, spec)];
    this.outside = outside;
    this.number = outside.tensors.push(null) - 1;
  }

  /** The tensor that stands for it outside, or null. */
  get tensor(): Tensor | null {
    return this.outside.tensors[this.number]!;
  }

  /** Sees to it that `half` holds what the tensor outside holds. */
  turnTo(half: 0 | 1): void {
    if (half === this.current) return;
    const { data } = this.halves[half];
    data.set(this.halves[this.current].data);
    this.current = half;
    const { tensor } = this;
    if (tensor !== null) eagerValue(tensor).storage.data = data;
  }

  /** Gives the tensor outside memory of its own, since it was not donated and stays readable. */
  evict(): void {
    const { tensor } = this;
    if (tensor === null) return;
    eagerValue(tensor).storage.data = this.halves[this.current].data.slice();
    this.outside.tensors[this.number] = null;
  }

  /** The tensor outside ends, for the reason `fate`; a new one, made by `madeBy`, stands for the elements of `half`. */
  replace(half: 0 | 1, eager: Eager, madeBy: string, fate: string): Tensor {
    const { tensors } = this.outside;
    const old = tensors[this.number]!;
    if (old !== null) {
      const { storage } = eagerValue(old);
      storage.data = null;
      storage.fate = fate;
    }
    const view = this.halves[half];
    const { dtype, data } = view;
    const storage: Storage = { data, length: data.length, dtype, madeBy, fate: undefined };
    this.current = half;
    return (tensors[this.number] = new Tensor(this.spec, eager, { storage, layout: view } satisfies EagerValue));
  }
}

/** Memory that is kept, for elements of this spec. */
export function reserved(backend: Backend, spec: Spec): View {
  const size = sizeOf(spec.shape);
  return packedView(spec, arrayOver(spec.dtype, backend.reserve(size * BYTES_PER_ELEMENT[spec.dtype]), size));
}

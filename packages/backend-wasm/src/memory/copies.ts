import type { TypedArray } from '@lemmata/tensor';

interface Copy {
  readonly data: TypedArray;
  /** The op that asked for it last. */
  user: number;
}

/**
 * Copies of ordinary arrays in WebAssembly memory: parameters and data live outside of scopes, and are read again and
 * again inside. Elements of a tensor never change, so that a copy stays good. What an outermost scope does not read goes
 * when the next one opens.
 */
export class Copies {
  private readonly release: (data: TypedArray) => void;
  private current = new Map<TypedArray, Copy>();
  private previous = new Map<TypedArray, Copy>();
  private user = 0;

  constructor(release: (data: TypedArray) => void) {
    this.release = release;
  }

  /** A new op: what those before it asked for may go. */
  turn(): void {
    this.user++;
  }

  /** The copy of an array; `make` gives memory where there is none yet. */
  of(original: TypedArray, make: () => TypedArray): TypedArray {
    let copy = this.current.get(original) ?? this.previous.get(original);
    if (copy === undefined) {
      copy = { data: make(), user: this.user };
      copy.data.set(original);
    }
    copy.user = this.user;
    this.previous.delete(original);
    this.current.set(original, copy);
    return copy.data;
  }

  /** An outermost scope opens. */
  open(): void {
    for (const { data } of this.previous.values()) this.release(data);
    this.previous = this.current;
    this.current = new Map();
  }

  /** Memory is short: gives back all but what the op that is running asked for. */
  shrink(): void {
    for (const copies of [this.previous, this.current]) {
      for (const [original, { data, user }] of copies) {
        if (user === this.user) continue;
        this.release(data);
        copies.delete(original);
      }
    }
  }
}

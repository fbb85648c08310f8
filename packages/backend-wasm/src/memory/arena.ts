import { arrayOver, BYTES_PER_ELEMENT, createArray, type DType, type Storage, type TypedArray } from '@lemmata/tensor';
import { Copies } from './copies.js';
import { mebibytes, type Heap } from './heap.js';

type FreeLists = Map<number, TypedArray[]>;

const DTYPE_NUMBER: Readonly<Record<DType, number>> = { float32: 0, float64: 1, int32: 2, bool: 3 };

/**
 * Storages in WebAssembly memory whose lifetimes are scopes. Outside of all scopes they are ordinary arrays, which the
 * garbage collector owns, and what leaves the outermost scope becomes one.
 *
 * Arrays that a scope leaves behind are used again by the next allocations of the same dtype and length, since making a
 * typed array takes longer than a small op; what an outermost scope does not use again goes back to the heap.
 */
export class Arena {
  private readonly heap: Heap;
  private readonly scopes: Storage[][] = [];
  private free: FreeLists = new Map();
  /** Left over from the outermost scope before this one. */
  private previous: FreeLists = new Map();
  private readonly copies = new Copies((data) => this.release(data));

  constructor(heap: Heap) {
    this.heap = heap;
    heap.holder = {
      reclaim: () => {
        this.empty(this.previous);
        this.empty(this.free);
        this.copies.shrink();
      },
      account: () => this.account(),
    };
  }

  allocate(dtype: DType, length: number, madeBy: string): Storage {
    const scope = this.scopes[this.scopes.length - 1];
    if (scope === undefined) return { data: createArray(dtype, length), length, dtype, madeBy };
    const key = keyOf(dtype, length);
    const data = this.free.get(key)?.pop() ?? this.previous.get(key)?.pop() ?? this.array(dtype, length, madeBy);
    const storage: Storage = { data, length, dtype, madeBy };
    scope.push(storage);
    return storage;
  }

  /** A new op is about to ask for copies. */
  turn(): void {
    this.copies.turn();
  }

  /** A copy of an ordinary array that stays for the ops after this one; null outside of all scopes. */
  copyOf(original: TypedArray, dtype: DType, madeBy: string): TypedArray | null {
    if (this.scopes.length === 0) return null;
    return this.copies.of(original, () => this.array(dtype, original.length, madeBy));
  }

  /** An array in a block of its own, which the caller gives back by {@link release}. */
  array(dtype: DType, length: number, madeBy: string): TypedArray {
    const bytes = length * BYTES_PER_ELEMENT[dtype];
    const byteOffset = this.heap.take(bytes, madeBy);
    if (byteOffset === null) throw this.heap.shortage(`${dtype}[${length}] of ${madeBy}`, bytes);
    return arrayOver(dtype, { buffer: this.heap.current, byteOffset }, length);
  }

  release(data: TypedArray): void {
    this.heap.give(data.byteOffset, data.byteLength);
  }

  open(): (keep: ReadonlySet<Storage>) => void {
    const scope: Storage[] = [];
    if (this.scopes.length === 0) {
      this.empty(this.previous);
      this.previous = this.free;
      this.free = new Map();
      this.copies.open();
    }
    this.scopes.push(scope);
    return (keep) => {
      const depth = this.scopes.indexOf(scope);
      if (depth < 0) return;
      // A scope inside it that an error left open ends with it.
      const ended = this.scopes.splice(depth).flat();
      const outer = this.scopes[depth - 1];
      for (const storage of ended) {
        const kept = keep.has(storage);
        if (kept && outer !== undefined) {
          outer.push(storage);
          continue;
        }
        const data = storage.data!;
        storage.data = kept ? data.slice() : null;
        this.spare(storage.dtype, data);
      }
    };
  }

  private spare(dtype: DType, data: TypedArray): void {
    const key = keyOf(dtype, data.length);
    const arrays = this.free.get(key);
    if (arrays === undefined) this.free.set(key, [data]);
    else arrays.push(data);
  }

  private empty(lists: FreeLists): void {
    for (const arrays of lists.values()) for (const data of arrays) this.release(data);
    lists.clear();
  }

  /** What is live, the largest first. */
  private account(): string {
    const live = this.scopes.flat();
    const largest = [...live].sort((a, b) => b.data!.byteLength - a.data!.byteLength).slice(0, 3);
    const bytes = live.reduce((total, storage) => total + storage.data!.byteLength, 0);
    const names = largest.map(
      (storage) => `${storage.dtype}[${storage.length}] of ${storage.madeBy}, ${mebibytes(storage.data!.byteLength)}`,
    );
    return (
      `${mebibytes(bytes)} are live in scopes${names.length === 0 ? '' : ` (the largest: ${names.join('; ')})`}, ` +
      `compiled programs and scratch hold ${mebibytes(this.heap.takenBytes - bytes)}`
    );
  }
}

function keyOf(dtype: DType, length: number): number {
  return 4 * length + DTYPE_NUMBER[dtype];
}

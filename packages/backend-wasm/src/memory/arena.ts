import { arrayOver, BYTES_PER_ELEMENT, createArray, type DType, type Storage, type TypedArray } from '@lemmata/tensor';
import type { Heap } from './heap.js';

/**
 * Storages in WebAssembly memory whose lifetimes are scopes. Outside of all scopes they are ordinary arrays, which the
 * garbage collector owns, and what leaves the outermost scope becomes one.
 */
export class Arena {
  private readonly heap: Heap;
  private readonly scopes: Storage[][] = [];

  constructor(heap: Heap) {
    this.heap = heap;
  }

  allocate(dtype: DType, length: number, madeBy: string): Storage {
    const scope = this.scopes[this.scopes.length - 1];
    if (scope === undefined) return { data: createArray(dtype, length), length, dtype, madeBy };
    const storage: Storage = { data: this.array(dtype, length, madeBy), length, dtype, madeBy };
    scope.push(storage);
    return storage;
  }

  /** An array in a block of its own, which the caller gives back by {@link release}. */
  array(dtype: DType, length: number, madeBy: string): TypedArray {
    const bytes = length * BYTES_PER_ELEMENT[dtype];
    const byteOffset = this.heap.take(bytes, madeBy);
    if (byteOffset === null) throw this.outOfMemory(dtype, length, madeBy);
    return arrayOver(dtype, { buffer: this.heap.current, byteOffset }, length);
  }

  release(data: TypedArray): void {
    this.heap.give(data.byteOffset, data.byteLength);
  }

  open(): (keep: ReadonlySet<Storage>) => void {
    const scope: Storage[] = [];
    this.scopes.push(scope);
    return (keep) => {
      const depth = this.scopes.indexOf(scope);
      if (depth < 0) return;
      // A scope inside it that an error left open ends with it.
      const ended = this.scopes.splice(depth).flat();
      const outer = this.scopes[depth - 1];
      for (const storage of ended) {
        if (keep.has(storage) && outer !== undefined) {
          outer.push(storage);
          continue;
        }
        const data = storage.data!;
        storage.data = keep.has(storage) ? data.slice() : null;
        this.release(data);
      }
    };
  }

  outOfMemory(dtype: DType, length: number, madeBy: string): RangeError {
    const live = this.scopes.flat();
    const largest = [...live].sort((a, b) => b.data!.byteLength - a.data!.byteLength).slice(0, 3);
    const bytes = live.reduce((total, storage) => total + storage.data!.byteLength, 0);
    const names = largest.map(
      (storage) => `${storage.dtype}[${storage.length}] of ${storage.madeBy}, ${mebibytes(storage.data!.byteLength)}`,
    );
    return new RangeError(
      `wasm: no memory for ${dtype}[${length}] of ${madeBy}, ${mebibytes(length * BYTES_PER_ELEMENT[dtype])}: ` +
        `${live.length} tensors of ${mebibytes(bytes)} are live in scopes${names.length === 0 ? '' : ` (the largest: ${names.join('; ')})`}, ` +
        `compiled programs and scratch hold ${mebibytes(this.heap.takenBytes - bytes)}, and the limit is ${mebibytes(this.heap.type.maximum * 65536)}; ` +
        'use a smaller batch, or end scopes earlier with run(…)',
    );
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 1)} MiB`;
}

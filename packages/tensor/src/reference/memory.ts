import type { Storage } from '../backend.js';
import { createArray, type DType, type TypedArray } from '../spec.js';

type FreeLists = Map<string, TypedArray[]>;

/**
 * Memory of the reference backend: ordinary typed arrays. Outside a lifetime the garbage collector owns them. Inside,
 * what ends with the lifetime is used again by the next allocation of the same dtype and length, so that a loop of
 * equal steps stops allocating; what is kept is simply not used again, and the collector owns it from then on.
 */
export class Memory {
  private readonly scopes: Storage[][] = [];
  private free: FreeLists = new Map();
  /** Left over from the outermost lifetime before this one; what this one does not use either is let go. */
  private previous: FreeLists = new Map();

  allocate(dtype: DType, length: number, madeBy: string): Storage {
    const scope = this.scopes[this.scopes.length - 1];
    if (scope === undefined) return { data: createArray(dtype, length), length, dtype, madeBy };
    const key = `${dtype}${length}`;
    const data = this.free.get(key)?.pop() ?? this.previous.get(key)?.pop() ?? createArray(dtype, length);
    const storage: Storage = { data, length, dtype, madeBy };
    scope.push(storage);
    return storage;
  }

  open(): (keep: ReadonlySet<Storage>) => void {
    const scope: Storage[] = [];
    if (this.scopes.length === 0) {
      this.previous = this.free;
      this.free = new Map();
    }
    this.scopes.push(scope);
    return (keep) => {
      const depth = this.scopes.indexOf(scope);
      if (depth < 0) return;
      // A scope inside it that an error left open ends with it.
      const ended = this.scopes.splice(depth).flat();
      const outer = this.scopes[depth - 1];
      for (const storage of ended) {
        if (!keep.has(storage)) this.release(storage);
        else outer?.push(storage);
      }
      if (outer === undefined) this.previous = new Map();
    };
  }

  /** Bytes that wait to be used again. */
  get spareBytes(): number {
    let bytes = 0;
    for (const lists of [this.free, this.previous]) {
      for (const arrays of lists.values()) for (const array of arrays) bytes += array.byteLength;
    }
    return bytes;
  }

  private release(storage: Storage): void {
    const key = `${storage.dtype}${storage.length}`;
    const arrays = this.free.get(key);
    if (arrays === undefined) this.free.set(key, [storage.data!]);
    else arrays.push(storage.data!);
    storage.data = null;
  }
}

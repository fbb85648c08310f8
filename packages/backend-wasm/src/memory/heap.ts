import type { MemoryType } from '../assembler/index.js';
import { Guards } from './guards.js';
import { classBytes, LINE, sizeClass } from './size-class.js';

const PAGE = 65536;
const MIB = 2 ** 20;
/** What is taken from the engine at once, at least. */
const GROWTH = 16 * MIB;

export interface HeapOptions {
  /** Memory that threads share; it grows in place. Memory of one thread is reserved whole, since growing it would detach every view. */
  readonly shared: boolean;
  /** At most 4 GiB. */
  readonly maximumBytes: number;
  /** Surrounds blocks with bytes that {@link Heap.checkGuards} looks at. For tests. Default false. */
  readonly guards?: boolean;
}

/** One WebAssembly memory, in blocks of size classes. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly type: MemoryType;
  /** Bytes in blocks that are taken. */
  takenBytes = 0;
  /** Who holds memory that it could give back, and knows what else is taken. */
  holder: { reclaim(): void; account(): string } | null = null;
  private readonly free: number[][] = [];
  private readonly buffers = new WeakSet<ArrayBufferLike>();
  private readonly guards: Guards | null;
  private readonly maximum: number;
  private buffer: ArrayBufferLike;
  /** The first line is never handed out: address 0 is no block's. */
  private top = LINE;

  constructor({ shared, maximumBytes, guards = false }: HeapOptions) {
    this.type = memoryType(shared, maximumBytes);
    this.memory = createMemory(this.type);
    this.maximum = this.type.maximum * PAGE;
    this.guards = guards ? new Guards() : null;
    this.buffer = this.memory.buffer;
    this.buffers.add(this.buffer);
  }

  /** The buffer to make views over; views over earlier ones stay good. */
  get current(): ArrayBufferLike {
    return this.buffer;
  }

  /** Bytes that have been asked of the engine and lie in no taken block. */
  get spareBytes(): number {
    return this.buffer.byteLength - this.takenBytes;
  }

  owns(buffer: ArrayBufferLike): boolean {
    return buffer === this.buffer || this.buffers.has(buffer);
  }

  /** The address of a block of at least so many bytes, at a multiple of 64; null if there is no memory for it. */
  take(bytes: number, name: string): number | null {
    const edges = this.guards === null ? 0 : Guards.EDGES;
    const kind = sizeClass(bytes + edges);
    let block = this.find(kind);
    if (block === null && this.holder !== null) {
      this.holder.reclaim();
      block = this.find(kind);
    }
    if (block === null) return null;
    this.takenBytes += classBytes(kind);
    return this.guards?.surround(this.buffer, { block, length: classBytes(kind), bytes, name }) ?? block;
  }

  /** Gives a block back that was taken for so many bytes. */
  give(address: number, bytes: number): void {
    const edges = this.guards === null ? 0 : Guards.EDGES;
    this.guards?.remove(this.buffer, address);
    const kind = sizeClass(bytes + edges);
    this.takenBytes -= classBytes(kind);
    (this.free[kind] ??= []).push(address - edges / 2);
  }

  /** @throws Error naming the block whose surroundings were written to. */
  checkGuards(): void {
    this.guards?.check(this.buffer);
  }

  /** What is thrown where there is no memory: for what, how much, and who has it. */
  shortage(what: string, bytes: number): RangeError {
    const account = this.holder === null ? `${mebibytes(this.takenBytes)} are taken` : this.holder.account();
    return new RangeError(
      `wasm: no memory for ${what}, ${mebibytes(bytes)}: ${account}, and the limit is ${mebibytes(this.maximum)}; ` +
        'use a smaller batch, or end scopes earlier with run(…)',
    );
  }

  private find(kind: number): number | null {
    return this.free[kind]?.pop() ?? this.fresh(classBytes(kind)) ?? this.larger(kind);
  }

  private fresh(bytes: number): number | null {
    const end = this.top + bytes;
    if (end > this.buffer.byteLength && !this.grow(end)) return null;
    const block = this.top;
    this.top = end;
    return block;
  }

  /** A block of a larger class, when nothing else is left; it comes back in its new, smaller class. */
  private larger(kind: number): number | null {
    for (let k = kind + 1; k < this.free.length; k++) {
      const block = this.free[k]?.pop();
      if (block === undefined) continue;
      // The rest stays usable in the largest class that fits.
      const rest = classBytes(k) - classBytes(kind);
      const restKind = sizeClass(rest);
      const fits = classBytes(restKind) === rest ? restKind : restKind - 1;
      if (fits >= 0) (this.free[fits] ??= []).push(block + classBytes(kind));
      return block;
    }
    return null;
  }

  private grow(end: number): boolean {
    const have = this.buffer.byteLength;
    for (const wanted of [Math.max(end, have + Math.max(GROWTH, have / 4)), end]) {
      const target = Math.min(Math.ceil(wanted / PAGE), this.maximum / PAGE) * PAGE;
      if (target < end) continue;
      try {
        this.memory.grow((target - have) / PAGE);
      } catch {
        continue;
      }
      this.buffer = this.memory.buffer;
      this.buffers.add(this.buffer);
      return true;
    }
    return false;
  }
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 1)} MiB`;
}

function memoryType(shared: boolean, maximumBytes: number): MemoryType {
  if (!(maximumBytes >= PAGE && maximumBytes <= 2 ** 32)) {
    throw new RangeError(`wasmBackend: maximumBytes lies between 64 KiB and 4 GiB, received ${maximumBytes}`);
  }
  const maximum = Math.floor(maximumBytes / PAGE);
  return { shared, maximum, initial: shared ? Math.min(GROWTH / PAGE, maximum) : maximum };
}

function createMemory(type: MemoryType): WebAssembly.Memory {
  return new WebAssembly.Memory(type);
}

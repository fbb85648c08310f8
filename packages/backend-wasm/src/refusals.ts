import { REFUSED, THREAD_SCRATCH_BYTES } from './code.js';
import type { Heap } from './memory/heap.js';

/** What an op says to an index that lies outside, and where in its range it stands if the kernel told. */
export type Refusal = (index: number, at: number) => Error;

/**
 * Indices that kernels met and may not follow. A kernel cannot throw without ending its thread, so each thread notes its
 * first one behind its scratch; ranges are shared in order, so that the first thread's is the first of all.
 */
export class Refusals {
  private readonly heap: Heap;
  private readonly notes: Int32Array[] = [];

  constructor(heap: Heap) {
    this.heap = heap;
  }

  /** Scratch for one more thread. */
  scratch(reserve: (bytes: number, name: string) => number): number {
    const at = reserve(THREAD_SCRATCH_BYTES + 12, 'scratch of a thread');
    const note = new Int32Array(this.heap.current, at + REFUSED, 3);
    note.fill(0);
    this.notes.push(note);
    return at;
  }

  /** Throws what the stage with these arguments says, if a stage has refused anything. */
  check(refusalOf: (args: number) => Refusal | undefined): void {
    const note = this.notes.find(([args]) => args !== 0);
    if (note === undefined) return;
    const [args, index, at] = note;
    for (const each of this.notes) each.fill(0);
    throw refusalOf(args)?.(index, at) ?? new Error(`wasm: a kernel refused the index ${index}`);
  }
}

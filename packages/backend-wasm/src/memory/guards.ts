import { LINE } from './size-class.js';

/** NaN in floats: what is read from a guard shows in the result, as does a block that is read before it is written. */
const NOTHING = 0xff;
/** A word of a guard, by its place in memory. No NaN is another's, so that one that was read elsewhere does not hide where it is written. */
const guardWord = (index: number): number => -0x100 | (index & 0xff);
/** The same by bytes, of which the lowest comes first. */
const guardByte = (address: number): number => (address % 4 === 0 ? (address / 4) & 0xff : NOTHING);

interface Taken {
  /** Where the block begins, and how long it is; both are multiples of a line. */
  readonly block: number;
  readonly length: number;
  /** How much of it is asked for, and what for. */
  readonly bytes: number;
  readonly name: string;
}

/** Zones around what is taken of a memory, which nobody may write to. For tests. */
export class Guards {
  /** What they take of a block, at least: a line on either side. */
  static readonly EDGES: number = 2 * LINE;
  private readonly taken = new Map<number, Taken>();
  private bytes: Uint8Array = new Uint8Array(0);
  private words: Int32Array = new Int32Array(0);

  /** Fills a block with what shows when it is read, and gives the address of what may be written to. */
  surround(buffer: ArrayBufferLike, taken: Taken): number {
    this.view(buffer);
    const { block, length } = taken;
    const address = block + LINE;
    this.bytes.fill(NOTHING, block, block + length);
    for (const [from, end] of zones(taken)) {
      for (let at = from; at < end; at++) this.bytes[at] = guardByte(at);
    }
    this.taken.set(address, taken);
    return address;
  }

  /** @throws Error as {@link Guards.check}. */
  remove(buffer: ArrayBufferLike, address: number): void {
    this.view(buffer);
    this.checkOne(this.taken.get(address)!);
    this.taken.delete(address);
  }

  /** @throws Error naming what was taken, and where beside it was written. */
  check(buffer: ArrayBufferLike): void {
    this.view(buffer);
    for (const taken of this.taken.values()) this.checkOne(taken);
  }

  private checkOne(taken: Taken): void {
    for (const [from, end] of zones(taken)) {
      const at = this.firstWritten(from, end) - taken.block - LINE;
      if (at >= end - taken.block - LINE) continue;
      const side = at < 0 ? 'before' : 'behind';
      throw new Error(`wasm: memory ${side} the ${taken.bytes} bytes of ${taken.name} was written to, at byte ${at}`);
    }
  }

  /** The first address of a zone that holds something else, or its end. Thousands of zones are looked at after every test: by words. */
  private firstWritten(from: number, end: number): number {
    let at = from;
    while (at % 4 !== 0 && this.bytes[at] === guardByte(at)) at++;
    if (at % 4 !== 0) return at;
    let word = at / 4;
    while (4 * word < end && this.words[word] === guardWord(word)) word++;
    at = 4 * word;
    while (at < end && this.bytes[at] === guardByte(at)) at++;
    return at;
  }

  private view(buffer: ArrayBufferLike): void {
    if (this.bytes.buffer === buffer) return;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
  }
}

/** What lies before what is taken, and behind it: a line, and up to four. */
function zones({ block, length, bytes }: Taken): [from: number, end: number][] {
  const behind = block + LINE + bytes;
  return [
    [block, block + LINE],
    [behind, Math.min(Math.floor(behind / LINE) * LINE + 4 * LINE, block + length)],
  ];
}

import { readFile } from 'node:fs/promises';
import type { Column } from '@lemmata/data';
import { crossEntropy } from '@lemmata/losses';
import { reshape, type Tensor } from '@lemmata/tensor';

/** The end of a word, which also stands before its first letter; 0 to 25 are the letters. */
export const END = 26;
export const SYMBOLS = 27;
/** Of a word with its end: longer words, one in sixty, are left out. */
export const STEPS = 16;

export interface Words {
  readonly train: readonly string[];
  readonly held: readonly string[];
}

/** The words of a file, one a line, in the order of a hash of their letters, by which one in ten is held out. */
export async function readWords(path: string): Promise<Words> {
  const hashed = (await readFile(path, 'utf8'))
    .split('\n')
    .filter((word) => /^[a-z]+$/.test(word) && word.length < STEPS)
    .map((word) => ({ word, hash: fnv1a(word) }))
    .sort((a, b) => a.hash - b.hash);
  const part = (held: boolean): string[] =>
    hashed.filter(({ hash }) => (hash % 10 === 0) === held).map(({ word }) => word);
  return { train: part(false), held: part(true) };
}

/** The hash of Fowler, Noll and Vo, 32 bits. Source: http://www.isthe.com/chongo/tech/comp/fnv */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A word as its letters and its end. */
export function symbolsOf(word: string): number[] {
  return [...Array.from(word, (letter) => letter.charCodeAt(0) - 97), END];
}

export function letter(symbol: number): string {
  return symbol === END ? '' : String.fromCharCode(97 + symbol);
}

/** What is no letter: behind the end of a word. */
const NOTHING = -100;

/** Words as what is read, and what comes next: both [n, steps]. */
export function encoded(words: readonly string[]): { before: Column<Int32Array>; next: Column<Int32Array> } {
  const before = new Int32Array(words.length * STEPS).fill(END);
  const next = new Int32Array(words.length * STEPS).fill(NOTHING);
  words.forEach((word, row) => {
    const symbols = symbolsOf(word);
    next.set(symbols, row * STEPS);
    before.set(symbols.slice(0, -1), row * STEPS + 1);
  });
  const shape = [words.length, STEPS];
  return { before: { data: before, shape }, next: { data: next, shape } };
}

/** Cross-entropy over the letters that there are, in nats. */
export function nats(logits: Tensor, next: Tensor, reduction: 'mean' | 'sum'): Tensor {
  const places = next.shape[0]! * STEPS;
  return crossEntropy(reshape(logits, [places, SYMBOLS]), reshape(next, [places]), { reduction, ignoreIndex: NOTHING });
}

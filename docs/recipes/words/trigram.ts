import { SYMBOLS, END, symbolsOf } from './letters.js';

/**
 * Letters after the two before them, counted, and smoothed by interpolated Kneser-Ney: of every count a discount is taken,
 * and given to the shorter context, whose letters count by the number of contexts they have been seen in.
 *
 * Source: Chen and Goodman 1999, An empirical study of smoothing techniques for language modeling, section 4.1;
 * discounts n₁ / (n₁ + 2n₂) by Ney, Essen and Kneser 1994.
 */
export class Trigram {
  private readonly three: Order;
  private readonly two: Order;
  private readonly one: Float64Array;

  constructor(words: Iterable<string>) {
    const counts = new Float64Array(SYMBOLS ** 3);
    for (const word of words) {
      let [a, b] = [END, END];
      for (const c of symbolsOf(word)) {
        counts[(a * SYMBOLS + b) * SYMBOLS + c]!++;
        [a, b] = [b, c];
      }
    }
    this.three = new Order(counts);
    // In how many contexts the last two were seen, and then the last one.
    const pairs = kinds(counts, SYMBOLS ** 2);
    this.two = new Order(pairs);
    const singles = kinds(pairs, SYMBOLS);
    const total = singles.reduce((x, y) => x + y, 0);
    this.one = singles.map((n) => (n + 1) / (total + SYMBOLS));
  }

  /** The probability of a letter after two others. */
  probability(a: number, b: number, c: number): number {
    const shorter = this.two.smoothed(b, c, this.one[c]!);
    return this.three.smoothed(a * SYMBOLS + b, c, shorter);
  }

  /** Bits a letter, ends of words among them. */
  bits(words: Iterable<string>): number {
    let [total, count] = [0, 0];
    for (const word of words) {
      let [a, b] = [END, END];
      for (const c of symbolsOf(word)) {
        total -= Math.log2(this.probability(a, b, c));
        count++;
        [a, b] = [b, c];
      }
    }
    return total / count;
  }
}

/** Of counts [..., size]: how many of the leading indices have any. */
function kinds(counts: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size);
  counts.forEach((count, i) => (out[i % size]! += count > 0 ? 1 : 0));
  return out;
}

/** Counts [contexts, letters] with what is taken from each. */
class Order {
  private readonly counts: Float64Array;
  private readonly totals: Float64Array;
  private readonly seen: Float64Array;
  private readonly discount: number;

  constructor(counts: Float64Array) {
    this.counts = counts;
    this.totals = new Float64Array(counts.length / SYMBOLS);
    this.seen = new Float64Array(counts.length / SYMBOLS);
    const times = [0, 0, 0];
    counts.forEach((count, i) => {
      const context = Math.floor(i / SYMBOLS);
      this.totals[context]! += count;
      if (count > 0) this.seen[context]!++;
      if (count === 1 || count === 2) times[count]!++;
    });
    const [, once, twice] = times as [number, number, number];
    this.discount = once + twice === 0 ? 0.5 : once / (once + 2 * twice);
  }

  smoothed(context: number, letter: number, shorter: number): number {
    const total = this.totals[context]!;
    if (total === 0) return shorter;
    const own = Math.max(0, this.counts[context * SYMBOLS + letter]! - this.discount);
    return (own + this.discount * this.seen[context]! * shorter) / total;
  }
}

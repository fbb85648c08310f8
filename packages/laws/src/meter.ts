/** The largest errors that comparisons saw, each by itself. */
export interface WorstErrors {
  /** max |received − expected| */
  readonly absolute: number;
  /** max |received − expected| / |expected|, where the expected value is not 0 */
  readonly relative: number;
  /** In units in the last place of the expected value, in the precision of what was received. */
  readonly ulp: number;
}

/** What the comparisons of a body saw. */
export interface Measured {
  /** Null if it compared no numbers. */
  readonly worst: WorstErrors | null;
  /** Differences that were left out, because the function has a kink within their step. */
  readonly kinks: number;
}

type Sink = { -readonly [K in keyof WorstErrors]: number } & { kinks: number };

/** The sink of the law that runs now: laws are synchronous, and none runs inside another. */
let sink: Sink | null = null;

/** Runs a body and tells what its comparisons saw. */
export function measured(body: () => void): Measured {
  const outer = sink;
  const mine: Sink = { absolute: -1, relative: 0, ulp: 0, kinks: 0 };
  sink = mine;
  try {
    body();
  } finally {
    sink = outer;
  }
  const { kinks, ...worst } = mine;
  return { worst: worst.absolute < 0 ? null : worst, kinks };
}

/** Tells of a difference that was left out at a kink. */
export function kinkAvoided(): void {
  if (sink !== null) sink.kinks++;
}

/** Tells of a comparison that held. `single` for float32. */
export function seen(received: number, expected: number, single: boolean): void {
  if (sink === null) return;
  const absolute = received === expected ? 0 : Math.abs(received - expected);
  if (!Number.isFinite(absolute)) return;
  const size = Math.abs(expected);
  sink.absolute = Math.max(sink.absolute, absolute);
  if (size > 0) sink.relative = Math.max(sink.relative, absolute / size);
  sink.ulp = Math.max(sink.ulp, absolute / unitInTheLastPlace(size, single));
}

/** Distance from x ≥ 0 to the next larger number of the format; below the normal range that of the smallest ones. */
function unitInTheLastPlace(x: number, single: boolean): number {
  const [digits, least] = single ? [23, -126] : [52, -1022];
  return 2 ** (Math.max(least, x === 0 ? least : Math.floor(Math.log2(x))) - digits);
}

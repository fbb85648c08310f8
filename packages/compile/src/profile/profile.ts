/** A line of a program: one op, or several that were fused. */
export interface ProfiledLine {
  /** Its name; of a fused line those of all its ops. */
  readonly op: string;
  /** As programs print it. */
  readonly text: string;
  /** Floating-point operations as the op is defined, also where a kernel saves some. */
  readonly flops: number;
  /** Bytes of what it reads and writes, each value once: what must move at least. */
  readonly bytes: number;
}

/** One call of a compiled function, in milliseconds of the clock. */
export interface ProfiledCall {
  readonly lines: readonly ProfiledLine[];
  /** Before arguments are put in their places. */
  readonly begin: number;
  /** Before the first line, and after each. */
  readonly marks: readonly number[];
  /** After results are delivered. */
  readonly end: number;
}

export interface Profile {
  /** Of the compiled function. */
  readonly name: string;
  readonly calls: readonly ProfiledCall[];
}

/** What the lines of one op took, in all calls together. */
export interface OpTotal {
  readonly op: string;
  readonly lines: number;
  readonly ms: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Totals by op, the longest first. They add up to the time from the first mark of each call to its last. */
export function totalsByOp({ calls }: Profile): OpTotal[] {
  const totals = new Map<string, { op: string; lines: number; ms: number; flops: number; bytes: number }>();
  for (const { lines, marks } of calls) {
    lines.forEach(({ op, flops, bytes }, i) => {
      let total = totals.get(op);
      if (total === undefined) totals.set(op, (total = { op, lines: 0, ms: 0, flops: 0, bytes: 0 }));
      total.lines++;
      total.ms += marks[i + 1] - marks[i];
      total.flops += flops;
      total.bytes += bytes;
    });
  }
  return [...totals.values()].sort((a, b) => b.ms - a.ms);
}

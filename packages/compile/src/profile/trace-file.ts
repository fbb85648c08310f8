import type { Profile } from './profile.js';

/** One event of a trace; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A trace as Chrome's tracing viewer (chrome://tracing) and Perfetto (https://ui.perfetto.dev) open it, once it is JSON. */
export interface TraceFile {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
}

/**
 * A profile as a trace: each call, and in it each of its lines, as a complete event with operations, bytes and their rates. Time
 * begins with the first call.
 *
 * Source: Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function traceFile({ name, calls }: Profile): TraceFile {
  const start = calls[0]?.begin ?? 0;
  const complete = (what: string, cat: string, from: number, to: number, args: TraceEvent['args']): TraceEvent => ({
    name: what,
    cat,
    ph: 'X',
    ts: 1000 * (from - start),
    dur: 1000 * (to - from),
    pid: 1,
    tid: 1,
    args,
  });
  const events = calls.flatMap(({ lines, begin, marks, end }, call) => [
    complete(name, 'call', begin, end, { call }),
    ...lines.map(({ op, text, flops, bytes }, i) => {
      const [from, to] = [marks[i], marks[i + 1]];
      const rates = to > from ? { 'GFLOP/s': flops / (to - from) / 1e6, 'GB/s': bytes / (to - from) / 1e6 } : {};
      return complete(op, 'line', from, to, { line: text, FLOP: flops, bytes, ...rates });
    }),
  ]);
  const named: TraceEvent = { name: 'process_name', ph: 'M', pid: 1, tid: 1, args: { name } };
  return { traceEvents: [named, ...events], displayTimeUnit: 'ms' };
}

import { scaleLinear, scaleLog } from 'd3-scale';
import { formatTicks } from './number.js';

export interface Tick {
  /** Position in the picture. */
  at: number;
  label: string;
}

/** A mapping of values to positions in a picture. */
export interface Axis {
  /** Position of a value inside the domain, or `null` for one that has no place (non-finite; ≤ 0 on a log axis). */
  position(value: number): number | null;
  ticks: Tick[];
}

export interface AxisOptions {
  /** Least and greatest value to show; `null` where there is no value. */
  readonly extent: [number, number] | null;
  /** Where the ends of the extent lie in the picture. */
  readonly range: [number, number];
  /** Approximate number of ticks. */
  readonly count: number;
  /** A base-10 logarithmic axis. Default false. */
  readonly log?: boolean;
  /** Widen the domain to round numbers. Default false. */
  readonly nice?: boolean;
  /** Ticks at whole numbers only. Default false. */
  readonly integer?: boolean;
}

/** A linear or base-10 logarithmic axis with rounded ticks. */
export function axis(options: AxisOptions): Axis {
  return options.log ? logAxis(options) : linearAxis(options);
}

function linearAxis({ extent, range, count, nice = false, integer = false }: AxisOptions): Axis {
  let [low, high] = extent ?? [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Powers of two, so exact: high − low stays finite for the largest doubles, and keeps its digits for the smallest.
  const shrink = size > 1e300 ? 2 ** -8 : size > 0 && size < 1e-290 ? 2 ** 300 : 1;
  low *= shrink;
  high *= shrink;
  // Closer than ticks can be told apart: drawn as one value.
  if (high - low <= size * shrink * 1e-12) [low, high] = widen(low);
  const scale = scaleLinear([low, high], range);
  if (nice) scale.nice(count);
  const values = scale.ticks(count).filter((t) => Number.isFinite(t / shrink) && (!integer || Number.isInteger(t)));
  const labels = formatTicks(values.map((t) => t / shrink));
  return {
    position: (value) => (Number.isFinite(value) ? scale(value * shrink) : null),
    ticks: values.map((t, i) => ({ at: scale(t), label: labels[i] })),
  };
}

/** A constant gets room above and below: half its size, or ½ around zero; whole numbers ½. */
function widen(value: number): [number, number] {
  const by = Number.isInteger(value) && Math.abs(value) < 1e6 ? 0.5 : Math.abs(value) / 2;
  return [value - by, value + by];
}

function logAxis({ extent, range, count, nice = false }: AxisOptions): Axis {
  let [low, high] = extent ?? [1, 10];
  if (low === high) [low, high] = [Math.max(low / 2, Number.MIN_VALUE), Math.min(high * 2, Number.MAX_VALUE)];
  // Logarithms are taken here: d3's log scale overflows where high / low does.
  let [lowLog, highLog] = [Math.log10(low), Math.log10(high)];
  const decades = highLog - lowLog;
  if (nice) [lowLog, highLog] = [Math.log10(round125(low, -1)), Math.log10(round125(high, 1))];
  const scale = scaleLinear([lowLog, highLog], range);
  const values = decades <= 3 ? shortLogTicks(lowLog, highLog, count) : powerTicks(lowLog, highLog, count);
  return {
    position: (value) => (Number.isFinite(value) && value > 0 ? scale(Math.log10(value)) : null),
    ticks: values.map(({ log, value }) => ({ at: scale(log), label: tickText(value) })),
  };
}

/** The nearest of 1, 2, 5 times a power of ten that is not above (`way` −1) or not below (1) `value`; `value` at the ends of the doubles. */
function round125(value: number, way: -1 | 1): number {
  const decade = Math.floor(Math.log10(value));
  const steps = [-1, 0, 1].flatMap((e) => [1, 2, 5].map((d) => Number(`${d}e${decade + e}`)));
  const rounded = way === -1 ? steps.findLast((s) => s <= value) : steps.find((s) => s >= value);
  return Number.isFinite(rounded) ? rounded! : value;
}

const tickText = (value: number): string => formatTicks([value])[0];

/** Ticks 1, 2, 5 in every decade; fewer where they would be more than `count`; linear ones inside a narrow domain. */
function shortLogTicks(lowLog: number, highLog: number, count: number): { log: number; value: number }[] {
  const inside = (v: number): boolean => Math.log10(v) >= lowLog - 1e-9 && Math.log10(v) <= highLog + 1e-9;
  const all = [[1, 2, 5], [1, 3], [1]].map((digits) => {
    const values: number[] = [];
    for (let e = Math.floor(lowLog); e <= Math.ceil(highLog); e++) {
      for (const d of digits) if (inside(Number(`${d}e${e}`))) values.push(Number(`${d}e${e}`));
    }
    return values;
  });
  const chosen = all.find((values) => values.length <= count + 1) ?? all[2];
  const values =
    chosen.length >= 2
      ? chosen
      : scaleLog()
          .domain([10 ** lowLog, 10 ** highLog])
          .ticks(count);
  return values.map((value) => ({ log: Math.log10(value), value }));
}

function powerTicks(lowLog: number, highLog: number, count: number): { log: number; value: number }[] {
  const step = Math.max(1, Math.ceil((highLog - lowLog) / count));
  const ticks: { log: number; value: number }[] = [];
  for (let e = Math.ceil(lowLog / step) * step; e <= highLog; e += step) {
    ticks.push({ log: e, value: Number(`1e${e}`) });
  }
  return ticks;
}

import { format } from 'd3-format';

const grouped = format(',');
const fixed4 = format(',.4~r');
const short = format('.3~s');
const scientific = format('.3~e');

/** A number as text that never lies by its look: `NaN`, `∞` and `−∞` are named, at most 4 significant digits, integers whole below 10⁹. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return grouped(value);
  return size >= 1e6 || size < 1e-3 ? scientific(value).replace('e+', 'e').replace('e-', 'e−') : fixed4(value);
}

/** A share in [0, 1] as percent with one decimal, but for 0% and 100%; neither a part that rounds to the whole nor one that rounds to nothing is written as such. */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share > 0 && share < 0.0005) return '<0.1%';
  if (share === 0 || share === 1) return `${100 * share}%`;
  return `${(Math.min(Math.round(share * 1000), share < 1 ? 999 : Infinity) / 10).toFixed(1)}%`;
}

/** At most 3 significant digits with a prefix: 12.3k, 4.56M; numbers of 1e15 and more, and non-finite ones, as `formatNumber`. */
export function formatShort(value: number): string {
  return Math.abs(value) < 1e15 ? short(value) : formatNumber(value);
}

/** Labels of the ticks of one axis, all with the same number of decimals. */
export function formatTicks(ticks: readonly number[]): string[] {
  const size = Math.max(...ticks.map(Math.abs));
  const steps = ticks.slice(1).map((t, i) => Math.abs(t - ticks[i]));
  const step = Math.min(size, ...steps);
  if (size >= 1e15 || size < 1e-3) return ticks.map(formatNumber);
  if (size >= 1e4) {
    const prefixed = format('~s');
    const labels = ticks.map((t) => prefixed(t));
    return new Set(labels).size === labels.length ? labels : ticks.map(grouped);
  }
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  const text = format(`,.${decimals}f`);
  const labels = ticks.map(text);
  return labels.some((l, i) => Number(l.replaceAll(',', '').replace('−', '-')) !== ticks[i])
    ? ticks.map(formatNumber)
    : labels;
}

/** How many values are NaN, +∞ and −∞. */
export interface NonFinite {
  nan: number;
  positive: number;
  negative: number;
}

/** Least and greatest finite value, or `null` where there is none; with a count of the others. */
export function finiteExtent(values: ArrayLike<number>): { extent: [number, number] | null; nonFinite: NonFinite } {
  let low = Infinity;
  let high = -Infinity;
  const nonFinite: NonFinite = { nan: 0, positive: 0, negative: 0 };
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Number.isNaN(v)) nonFinite.nan++;
    else if (v === Infinity) nonFinite.positive++;
    else if (v === -Infinity) nonFinite.negative++;
    else {
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return { extent: low <= high ? [low, high] : null, nonFinite };
}

/** "2 NaN, 1 ∞", or an empty string where all values are finite. */
export function describeNonFinite({ nan, positive, negative }: NonFinite): string {
  const parts: string[] = [];
  if (nan > 0) parts.push(`${nan} NaN`);
  if (positive > 0) parts.push(`${positive} ∞`);
  if (negative > 0) parts.push(`${negative} −∞`);
  return parts.join(', ');
}

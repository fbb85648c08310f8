/** The middle of the sorted samples; of an even count, the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('median: there are no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Rounded to so many significant digits. */
export function significant(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

/** Whether numbers agree but for rounding, as far as both lists go. */
export function agree(a: readonly number[], b: readonly number[], tolerance = 1e-3): boolean {
  return a
    .slice(0, b.length)
    .every((value, i) => Math.abs(value - b[i]!) <= tolerance * Math.max(Math.abs(value), Math.abs(b[i]!), 1e-6));
}

/**
 * Indices to draw of a line with many points: in each of `columns` equal slices of the index, the first, least, greatest and
 * last finite value (of equal ones the first), so that no spike is lost. Non-finite values are kept: they break the line. All
 * indices where there are at most 4 × columns values.
 */
export function thin(y: ArrayLike<number>, columns: number): number[] {
  const n = y.length;
  if (n <= 4 * columns) return Array.from({ length: n }, (_, i) => i);
  const kept: number[] = [];
  for (let c = 0; c < columns; c++) {
    const start = Math.floor((c * n) / columns);
    const end = Math.floor(((c + 1) * n) / columns);
    const slice = Array.from({ length: end - start }, (_, i) => start + i);
    const finite = slice.filter((i) => Number.isFinite(y[i]));
    const least = finite.reduce((a, b) => (y[b] < y[a] ? b : a), finite[0]);
    const greatest = finite.reduce((a, b) => (y[b] > y[a] ? b : a), finite[0]);
    const chosen = new Set([start, least, greatest, end - 1]);
    kept.push(...slice.filter((i) => chosen.has(i) || !Number.isFinite(y[i])));
  }
  return kept;
}

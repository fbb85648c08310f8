/**
 * Indices to draw of a line with many points: in each of `columns` equal slices of the index, the first, least, greatest and
 * last finite value, so that no spike is lost. Non-finite values are kept: they break the line. All indices where there are
 * at most 4 × columns values.
 */
export function thin(y: ArrayLike<number>, columns: number): number[] {
  const n = y.length;
  if (n <= 4 * columns) return Array.from({ length: n }, (_, i) => i);
  const kept: number[] = [];
  for (let c = 0; c < columns; c++) {
    const start = Math.floor((c * n) / columns);
    const end = Math.floor(((c + 1) * n) / columns);
    const chosen = new Set<number>([start, end - 1]);
    let least = -1;
    let greatest = -1;
    for (let i = start; i < end; i++) {
      const v = y[i] as number;
      if (!Number.isFinite(v)) {
        chosen.add(i);
        continue;
      }
      if (least < 0 || v < (y[least] as number)) least = i;
      if (greatest < 0 || v > (y[greatest] as number)) greatest = i;
    }
    if (least >= 0) chosen.add(least).add(greatest);
    kept.push(...[...chosen].sort((a, b) => a - b));
  }
  return kept;
}

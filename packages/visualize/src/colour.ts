/** A colour as red, green, blue in 0 … 255. */
export type Rgb = readonly [number, number, number];

/** Non-finite pixels: a colour that no map below makes. */
export const NOT_FINITE: Rgb = [255, 0, 255];

/** Black to white. */
export function gray(share: number): Rgb {
  const level = Math.round(share * 255);
  return [level, level, level];
}

// Blue and red ends and their neighbours of ColorBrewer's RdBu (https://colorbrewer2.org), safe for colour-blind readers.
const DIVERGING: readonly Rgb[] = [
  [5, 48, 97],
  [67, 147, 195],
  [247, 247, 247],
  [214, 96, 77],
  [103, 0, 31],
];

/** Blue (0) over white (½) to red (1). */
export function diverging(share: number): Rgb {
  const at = share * (DIVERGING.length - 1);
  const below = Math.min(Math.floor(at), DIVERGING.length - 2);
  const [from, to] = [DIVERGING[below], DIVERGING[below + 1]];
  const mix = (i: 0 | 1 | 2): number => Math.round(from[i] + (to[i] - from[i]) * (at - below));
  return [mix(0), mix(1), mix(2)];
}

/** The diverging map as a CSS gradient. */
export const DIVERGING_GRADIENT: string = `linear-gradient(90deg,${DIVERGING.map((c) => `rgb(${c.join(',')})`).join(',')})`;

/**
 * Place of a value between `low` and `high`, held to [0, 1]; ½ where the two are equal. Halves keep the difference of the
 * largest doubles finite.
 */
export function shareOf(value: number, low: number, high: number): number {
  if (low === high) return 0.5;
  return Math.min(1, Math.max(0, (value / 2 - low / 2) / (high / 2 - low / 2)));
}

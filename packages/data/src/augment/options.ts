import { checkInteger } from '../options.js';

/** Both sides of a square, or height and width. */
export type Size = number | readonly [height: number, width: number];

/** On all sides, or on each. */
export type Sides = number | readonly [top: number, right: number, bottom: number, left: number];

/** From −x to x, or from the first to the second. */
export type Spread = number | readonly [low: number, high: number];

export function checkSize(op: string, size: Size): [number, number] {
  const sides = typeof size === 'number' ? ([size, size] as const) : size;
  checkLength(op, 'size', sides, 2);
  const [h, w] = sides;
  checkInteger(op, 'height', h, 1);
  checkInteger(op, 'width', w, 1);
  return [h, w];
}

export function checkSides(op: string, sides: Sides): readonly [number, number, number, number] {
  const all = typeof sides === 'number' ? ([sides, sides, sides, sides] as const) : sides;
  checkLength(op, 'padding', all, 4);
  all.forEach((side) => checkInteger(op, 'padding', side, 0));
  return all;
}

export function checkLength(op: string, name: string, list: readonly number[], length: number): void {
  if (Array.isArray(list) && list.length === length) return;
  throw new RangeError(`${op}: received ${name} = ${JSON.stringify(list)}; expected a list of ${length} numbers`);
}

export function checkChance(op: string, name: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${op}: received ${name} = ${p}; expected a probability, from 0 to 1`);
  return p;
}

/** A range to draw from: `[−x, x]` around `center` for one number x. */
export function checkSpread(op: string, name: string, spread: Spread, center: number, least: number): [number, number] {
  if (typeof spread !== 'number') checkLength(op, name, spread, 2);
  const [low, high] =
    typeof spread === 'number' ? [Math.max(least, center - spread), center + spread] : (spread as [number, number]);
  if (
    !(Number.isFinite(low) && Number.isFinite(high) && low <= high && low >= least) ||
    (typeof spread === 'number' && spread < 0)
  )
    throw new RangeError(
      `${op}: received ${name} = ${show(spread)}; expected a number of at least 0 or [low, high]${least === -Infinity ? '' : `, low at least ${least}`}`,
    );
  return [low, high];
}

/** Not as JSON, which has neither NaN nor infinities. */
export function show(spread: Spread): string {
  return typeof spread === 'number' ? String(spread) : `[${[spread].flat().join(', ')}]`;
}

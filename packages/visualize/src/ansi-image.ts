import { NOT_FINITE, type Rgb, shareOf } from './colour.js';
import { finiteExtent } from './number.js';
import { checkInteger, checkLength, checkOptions } from './options.js';

export interface AnsiImageOptions {
  /** Half blocks in 24-bit colour escapes; `false`: plain ASCII characters, darker to brighter. Default true. */
  readonly color?: boolean;
  /** What is black and what is white; values outside are drawn as these. Default: least and greatest finite value. */
  readonly normalise?: readonly [low: number, high: number];
}

/** From dark to bright on a dark terminal. */
const RAMP = ' .:-=+*#%@';

/**
 * A picture for the terminal, one character for two pixels one above the other; lines are joined by `\n`, without a last one.
 * Non-finite pixels are magenta in colour, `?` in plain text.
 * @param pixels h·w grey values, or 3·h·w as three planes red, green, blue.
 * @throws TypeError for unknown options; RangeError for lengths and ranges that do not fit.
 */
export function ansiImage(pixels: ArrayLike<number>, h: number, w: number, options: AnsiImageOptions = {}): string {
  checkOptions('ansiImage', options, ['color', 'normalise']);
  checkInteger('ansiImage', 'h', h, 1);
  checkInteger('ansiImage', 'w', w, 1);
  const planes = pixels.length === 3 * h * w ? 3 : 1;
  checkLength('ansiImage', 'pixels', pixels.length, planes * h * w);
  const [low, high] = options.normalise ?? finiteExtent(pixels).extent ?? [0, 1];
  if (!(Number.isFinite(low) && Number.isFinite(high)) || (options.normalise !== undefined && low >= high)) {
    throw new RangeError(`ansiImage: normalise is [${low}, ${high}], expected two finite numbers, the lower first`);
  }
  const colourAt = (row: number, column: number): Rgb | null => {
    const values = Array.from({ length: planes }, (_, c) => pixels[(c * h + row) * w + column]);
    if (!values.every(Number.isFinite)) return null;
    const [r, g, b] = values.map((v) => Math.round(shareOf(v, low, high) * 255)) as [number, number?, number?];
    return [r, g ?? r, b ?? r];
  };
  const draw = (options.color ?? true) ? halfBlocks : ascii;
  const lines: string[] = [];
  for (let row = 0; row < h; row += 2) {
    const columns = Array.from({ length: w }, (_, column) => ({
      upper: colourAt(row, column),
      lower: row + 1 < h ? colourAt(row + 1, column) : undefined,
    }));
    lines.push(draw(columns));
  }
  return lines.join('\n');
}

interface Pair {
  upper: Rgb | null;
  /** `undefined` beneath an odd last row. */
  lower: Rgb | null | undefined;
}

/** ▀ takes the upper pixel as foreground, the lower as background (ECMA-48 SGR 38;2 and 48;2). */
function halfBlocks(pairs: readonly Pair[]): string {
  let state = '';
  let text = '';
  for (const { upper, lower } of pairs) {
    const front = `38;2;${(upper ?? NOT_FINITE).join(';')}`;
    const back = lower === undefined ? '49' : `48;2;${(lower ?? NOT_FINITE).join(';')}`;
    const next = `\u{1B}[${front};${back}m`;
    text += next === state ? '▀' : `${next}▀`;
    state = next;
  }
  return `${text}\u{1B}[0m`;
}

function ascii(pairs: readonly Pair[]): string {
  return pairs
    .map(({ upper, lower }) => {
      if (upper === null || lower === null) return '?';
      const levels = [...upper, ...(lower ?? upper)];
      const mean = levels.reduce((a, b) => a + b, 0) / levels.length / 255;
      return RAMP[Math.min(RAMP.length - 1, Math.floor(mean * RAMP.length))];
    })
    .join('')
    .trimEnd();
}

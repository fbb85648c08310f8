import { axis } from './axis.js';
import { describeNonFinite, finiteExtent, formatNumber, formatPercent } from './number.js';
import { checkLength, checkOptions } from './options.js';
import { CHARACTER, heading, label, phoneFont, rule, shorten, svgDocument, wrap } from './svg.js';
import { element, escapeText } from './xml.js';

export interface BarChartOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** Under the bars. */
  readonly labels: readonly string[];
  /** As long as `labels`. */
  readonly values: ArrayLike<number>;
  /** Indices of bars in the accent colour; the others are grey. Default: all in the accent colour. */
  readonly highlight?: readonly number[];
  /** How the values are written: `percent` shows 0.98 as 98%, on an axis from 0 to 1. Default `number`. */
  readonly format?: 'number' | 'percent';
}

const WIDTH = 480;
const PHONE = phoneFont(WIDTH);
const ROW = 28;

/**
 * Horizontal bars with their values, as an SVG document: class probabilities, counts. Bars start at 0; a non-finite value is
 * written, without a bar.
 * @throws TypeError for unknown options; RangeError where lengths differ, or `highlight` names no bar.
 */
export function barChart(options: BarChartOptions): string {
  checkOptions('barChart', options, ['title', 'labels', 'values', 'highlight', 'format']);
  const { title = '', labels, values, highlight, format = 'number' } = options;
  if (format !== 'number' && format !== 'percent') {
    throw new TypeError(`barChart: format is ${String(format)}, expected 'number' or 'percent'`);
  }
  checkLength('barChart', 'values', values.length, labels.length);
  const stray = highlight?.find((i) => !(Number.isInteger(i) && i >= 0 && i < labels.length));
  if (stray !== undefined)
    throw new RangeError(`barChart: highlight names bar ${stray}, expected 0 to ${labels.length - 1}`);

  const names = labels.map((text) => shorten(text, 16));
  const texts = Array.from(values, (v) =>
    format === 'percent' && Number.isFinite(v) ? formatPercent(v) : formatNumber(v),
  );
  const room = (list: string[]): number => Math.max(0, ...list.map((t) => [...t].length)) * PHONE * CHARACTER + 10;
  const { extent, nonFinite } = finiteExtent(values);
  const low = Math.min(0, extent?.[0] ?? 0);
  const high = Math.max(format === 'percent' ? 1 : 0, extent?.[1] ?? 1);
  const titleLines = wrap(title, 42);
  const top = 10 + titleLines.length * 26;
  const left = 2 + room(names);
  const valueRoom = room(texts);
  // Room for the text of a negative bar, which stands to its left.
  const scale = axis({
    extent: [low, high],
    range: [left + (low < 0 ? valueRoom : 4), WIDTH - valueRoom - 8],
    count: 4,
  });
  const zero = scale.position(0)!;
  const bottom = top + labels.length * ROW + 4;

  const body = heading(titleLines, 22);
  names.forEach((name, i) => {
    const value = values[i];
    const middle = top + i * ROW + ROW / 2 + 2;
    const full = element('title', {}, escapeText(`${labels[i]}: ${texts[i]}`));
    const end = scale.position(value) ?? zero;
    const accent = highlight === undefined || highlight.includes(i);
    const bar = element('rect', {
      x: Math.min(zero, end),
      y: middle - 8,
      width: Math.abs(end - zero),
      height: 16,
      rx: 2,
      style: accent ? 'fill:var(--lm-0)' : 'fill:var(--lm-muted);fill-opacity:0.45',
    });
    const side = value < 0 && Number.isFinite(value);
    const written = label(side ? end - 6 : end + 6, middle, texts[i], {
      dy: '0.35em',
      'text-anchor': side ? 'end' : undefined,
    });
    body.push(
      element('g', {}, full, label(left - 6, middle, name, { dy: '0.35em', 'text-anchor': 'end' }), bar, written),
    );
  });
  body.push(rule(zero, top, zero, bottom, 'var(--lm-muted)'));
  const described = describeNonFinite(nonFinite);
  const aria = `${title || 'Bar chart'}: ${labels.map((l, i) => `${l} ${texts[i]}`).join(', ')}${described && ` (${described})`}`;
  return svgDocument({ width: WIDTH, height: bottom + 6, label: aria }, ...body);
}

import { axis } from './axis.js';
import { describeNonFinite, finiteExtent, formatNumber } from './number.js';
import { checkInteger, checkOptions } from './options.js';
import { heading, label, rule, svgDocument, wrap } from './svg.js';
import { element } from './xml.js';

export interface HistogramOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** Under the picture. Default: none. */
  readonly xLabel?: string;
  /** What is counted; what is not finite is not. */
  readonly values: ArrayLike<number>;
  /** Number of equal bins between the least and the greatest value. Default ⌈√n⌉, at most 60. */
  readonly bins?: number;
}

const WIDTH = 640;
const LEFT = 70;
const RIGHT = 24;

/** Finite also for the largest doubles, as what it is half of is not. */
const halfSpan = ([low, high]: [number, number]): number => high / 2 - low / 2;

/** Counts of finite values in `bins` equal slices of [low, high]; the last slice holds `high`. Without a span all are in the first. */
export function countBins(values: ArrayLike<number>, [low, high]: [number, number], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  const span = halfSpan([low, high]);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) continue;
    const share = span === 0 ? 0 : (v / 2 - low / 2) / span;
    const bin = Math.min(bins - 1, Math.floor(share * bins));
    counts[bin] = counts[bin] + 1;
  }
  return counts;
}

/**
 * How values are spread (weights, activations, gradients), as an SVG document, with their number, mean, standard deviation
 * (of the population) and range. Non-finite values are counted in the text.
 * @throws TypeError for unknown options; RangeError unless `bins` is a positive integer.
 */
export function histogram(options: HistogramOptions): string {
  checkOptions('histogram', options, ['title', 'xLabel', 'values', 'bins']);
  const { title = '', xLabel = '', values } = options;
  const { extent, nonFinite } = finiteExtent(values);
  const finite = values.length - nonFinite.nan - nonFinite.positive - nonFinite.negative;
  const bins = options.bins ?? Math.max(1, Math.min(60, Math.ceil(Math.sqrt(finite))));
  checkInteger('histogram', 'bins', bins, 1);

  const titleLines = wrap(title, 50);
  const facts = wrap(describe(values, finite, extent, describeNonFinite(nonFinite)), 48);
  const top = 22 + (titleLines.length + facts.length) * 26;
  const bottom = top + 220;
  const constant = extent !== null && extent[0] === extent[1];
  const counts = extent === null ? [] : countBins(values, extent, constant ? 1 : bins);
  const xAxis = axis({ extent, range: [LEFT, WIDTH - RIGHT], count: 6 });
  const yAxis = axis({
    extent: [0, counts.reduce((a, b) => Math.max(a, b), 1)],
    range: [bottom, top],
    count: 4,
    nice: true,
    integer: true,
  });

  const body = heading(titleLines);
  facts.forEach((text, i) => body.push(label(2, 24 + (titleLines.length + i) * 26, text, { class: 'lm-muted' })));
  for (const tick of yAxis.ticks) {
    body.push(rule(LEFT, tick.at, WIDTH - RIGHT, tick.at));
    body.push(label(LEFT - 8, tick.at, tick.label, { class: 'lm-muted', 'text-anchor': 'end', dy: '0.35em' }));
  }
  counts.forEach((count, i) => {
    const width = constant ? 40 : (WIDTH - RIGHT - LEFT) / counts.length;
    const x = constant ? (LEFT + WIDTH - RIGHT) / 2 - 20 : LEFT + i * width;
    const y = yAxis.position(count)!;
    const gap = width > 6 ? 1 : 0;
    if (count > 0)
      body.push(element('rect', { x, y, width: width - gap, height: bottom - y, style: 'fill:var(--lm-0)' }));
  });
  body.push(rule(LEFT, bottom, WIDTH - RIGHT, bottom, 'var(--lm-muted)'));
  for (const tick of extent === null ? [] : xAxis.ticks) {
    body.push(rule(tick.at, bottom, tick.at, bottom + 5, 'var(--lm-muted)'));
    body.push(label(tick.at, bottom + 26, tick.label, { class: 'lm-muted', 'text-anchor': 'middle' }));
  }
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  if (extent === null)
    body.push(label(middle, (top + bottom) / 2, 'no finite values', { class: 'lm-muted', 'text-anchor': 'middle' }));
  if (xLabel !== '') body.push(label(middle, bottom + 52, xLabel, { class: 'lm-muted', 'text-anchor': 'middle' }));
  const aria = `${title || 'Histogram'}: ${facts.join(' ')}`;
  return svgDocument({ width: WIDTH, height: bottom + (xLabel === '' ? 36 : 62), label: aria }, ...body);
}

function describe(values: ArrayLike<number>, n: number, extent: [number, number] | null, others: string): string {
  const parts = [`n ${formatNumber(n)}`];
  if (extent !== null) {
    let mean = 0;
    for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) mean += values[i] / n;
    // Halves of deviations, as shares of half the span: neither they nor their squares overflow.
    const span = halfSpan(extent);
    let squares = 0;
    if (span > 0)
      for (let i = 0; i < values.length; i++)
        if (Number.isFinite(values[i])) squares += ((values[i] / 2 - mean / 2) / span) ** 2;
    parts.push(`mean ${formatNumber(mean)}`, `sd ${formatNumber(span * (2 * Math.sqrt(squares / n)))}`);
    parts.push(`min ${formatNumber(extent[0])}`, `max ${formatNumber(extent[1])}`);
  }
  if (others !== '') parts.push(`not finite: ${others}`);
  return parts.map((part) => part.replaceAll(' ', '\u{A0}')).join(', ');
}

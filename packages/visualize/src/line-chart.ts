import { line } from 'd3-shape';
import { type Axis, axis } from './axis.js';
import { separate } from './graph-spread.js';
import { drawLegendRow, HEAD, legendRows } from './legend.js';
import { type NonFinite, finiteExtent, formatNumber } from './number.js';
import { checkLength, checkOptions } from './options.js';
import { smooth } from './smooth.js';
import { heading, label, phoneFont, rule, svgDocument, wrap } from './svg.js';
import { seriesColour, seriesDash } from './theme.js';
import { thin } from './thin.js';
import { element } from './xml.js';

export interface Series {
  name: string;
  x: ArrayLike<number>;
  /** As long as `x`. */
  y: ArrayLike<number>;
  /** Its own weight in place of the chart's: 0 for a curve of few points. */
  smooth?: number;
}

export interface LineChartOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** Under the picture. Default: none. */
  readonly xLabel?: string;
  /** Beside the picture. Default: none. */
  readonly yLabel?: string;
  /** The lines, each with a name. */
  readonly series: readonly Series[];
  /** A base-10 logarithmic x axis; points at x ≤ 0 cannot be placed. Default false. */
  readonly logX?: boolean;
  /** A base-10 logarithmic y axis. Values ≤ 0 have no place on it and are marked at its foot. Default false. */
  readonly logY?: boolean;
  /** Weight in [0, 1) of an exponential moving average (see `smooth`); the raw line stays, faint. Default 0. */
  readonly smooth?: number;
  /** Height in px at the chart's own width of 640 px. Default 360. */
  readonly height?: number;
}

const WIDTH = 640;
const PHONE = phoneFont(WIDTH);
const ROW = 26;
const LEFT = 70;
const RIGHT = 96;
const OPTIONS = ['title', 'xLabel', 'yLabel', 'series', 'logX', 'logY', 'smooth', 'height'];

/** What a series looks like once its points have their place. */
interface Drawn {
  raw: string;
  line: string;
  marks: string;
  last: { x: number; y: number; value: number } | null;
}

/**
 * Curves over a shared pair of axes, as an SVG document: legend, last value at the end of each curve, light grid.
 * A non-finite y breaks its curve and is marked at the edge (× not a number, ▲ +∞, ▼ −∞, and ▼ for y ≤ 0 on a log axis);
 * points whose x is not finite, or not above 0 on a log axis, cannot be placed. Both are counted under the chart. Long series are thinned to what
 * the chart can show, keeping every spike.
 * @throws TypeError for unknown options; RangeError where `x` and `y` differ in length, or `smooth` or `height` is out of range.
 */
export function lineChart(options: LineChartOptions): string {
  checkOptions('lineChart', options, OPTIONS);
  const { title = '', xLabel = '', yLabel = '', series, logX = false, logY = false, height = 360 } = options;
  const weight = options.smooth ?? 0;
  const weights = series.map((s) => s.smooth ?? weight);
  for (const w of [weight, ...weights]) {
    if (!(w >= 0 && w < 1)) throw new RangeError(`lineChart: smooth is ${w}, expected 0 ≤ smooth < 1`);
  }
  if (!(height >= 200 && height <= 2000)) throw new RangeError(`lineChart: height is ${height}, expected 200 to 2000`);
  const shown = series.map((s) => placeable(s, logX));

  const titleLines = wrap(title, 50);
  const legend =
    series.length > 1
      ? legendRows(
          series.map((s) => s.name),
          WIDTH,
        )
      : [];
  const notes = notesOf(shown, logY);
  const top = HEAD + titleLines.length * ROW + legend.length * ROW + (yLabel === '' ? 0 : ROW + 6);
  const foot = 34 + (xLabel === '' ? 0 : ROW) + notes.length * ROW;
  const bottom = top + (height - HEAD - 34 - 2 * ROW);

  const ys = shown.flatMap((s) => (logY ? s.y.filter((v) => v > 0) : s.y));
  const whole = shown.every((s) => s.x.every(Number.isInteger));
  const xAxis = axis({
    extent: finiteExtent(shown.flatMap((s) => s.x)).extent,
    range: [LEFT, WIDTH - RIGHT],
    count: 6,
    integer: whole && !logX,
    log: logX,
  });
  const yAxis = axis({ extent: finiteExtent(ys).extent, range: [bottom, top], count: 5, nice: true, log: logY });
  const drawn = shown.map((s, i) => drawSeries(s, i, xAxis, yAxis, weights[i], top, bottom));

  const body = heading(titleLines);
  legend.forEach((row, i) => body.push(drawLegendRow(row, 24 + (titleLines.length + i) * ROW)));
  if (yLabel !== '') body.push(label(2, top - 18, yLabel, { class: 'lm-muted' }));
  for (const tick of yAxis.ticks) {
    body.push(rule(LEFT, tick.at, WIDTH - RIGHT, tick.at));
    body.push(label(LEFT - 8, tick.at, tick.label, { class: 'lm-muted', 'text-anchor': 'end', dy: '0.35em' }));
  }
  body.push(rule(LEFT, bottom, WIDTH - RIGHT, bottom, 'var(--lm-muted)'));
  for (const tick of xAxis.ticks) {
    body.push(rule(tick.at, bottom, tick.at, bottom + 5, 'var(--lm-muted)'));
    body.push(label(tick.at, bottom + 26, tick.label, { class: 'lm-muted', 'text-anchor': 'middle' }));
  }
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  if (xLabel !== '')
    body.push(label(middle, bottom + 26 + ROW, xLabel, { class: 'lm-muted', 'text-anchor': 'middle' }));
  if (drawn.every((d) => d.last === null)) {
    body.push(label(middle, (top + bottom) / 2, 'no finite values', { class: 'lm-muted', 'text-anchor': 'middle' }));
  }
  body.push(...drawn.map((d) => d.raw), ...drawn.map((d) => d.line), ...drawn.map((d) => d.marks));
  body.push(endLabels(drawn, top, bottom));
  notes.forEach((text, i) =>
    body.push(label(LEFT, bottom + foot - 8 - (notes.length - 1 - i) * ROW, text, { class: 'lm-muted' })),
  );
  const names = series.map((s) => s.name).join(', ');
  return svgDocument({ width: WIDTH, height: bottom + foot, label: `${title || 'Line chart'}: ${names}` }, ...body);
}

interface Placeable {
  x: number[];
  y: number[];
  dropped: number;
}

function placeable(series: Series, logX: boolean): Placeable {
  const { name, x, y } = series;
  checkOptions(`lineChart, series "${name}"`, series, ['name', 'x', 'y', 'smooth']);
  checkLength('lineChart', `y of series "${name}"`, y.length, x.length);
  const keep = Array.from(x, (_, i) => i).filter((i) => Number.isFinite(x[i]) && !(logX && x[i] <= 0));
  return { x: keep.map((i) => x[i]), y: keep.map((i) => y[i]), dropped: x.length - keep.length };
}

function drawSeries(
  s: Placeable,
  index: number,
  xAxis: Axis,
  yAxis: Axis,
  weight: number,
  top: number,
  bottom: number,
): Drawn {
  const chosen = (y: number[]): { x: number; y: number | null }[] =>
    thin(y, WIDTH - LEFT - RIGHT).map((i) => ({
      x: xAxis.position(s.x[i])!,
      y: yAxis.position(y[i]),
    }));
  const path = line<{ x: number; y: number | null }>(
    (p) => p.x,
    (p) => p.y!,
  )
    .defined((p) => p.y !== null)
    .digits(1);
  const style = (width: number, opacity: number): Record<string, string> => {
    const dash = seriesDash(index);
    return {
      style: `fill:none;stroke:${seriesColour(index)};stroke-width:${width};stroke-opacity:${opacity};stroke-linejoin:round;stroke-linecap:round${
        dash === undefined ? '' : `;stroke-dasharray:${dash}`
      }`,
    };
  };
  const curve = smooth(s.y, weight);
  const draw = (y: number[], width: number, opacity: number): string => {
    const d = path(chosen(y));
    return d === null ? '' : element('path', { d, ...style(width, opacity) });
  };
  const end = curve.findLastIndex((v) => yAxis.position(v) !== null);
  return {
    raw: weight > 0 ? draw(s.y, 1.25, 0.3) : '',
    line: draw(curve, 2.25, 1),
    marks: edgeMarks(s, index, xAxis, yAxis, top, bottom),
    last:
      end < 0
        ? null
        : {
            x: xAxis.position(s.x[end])!,
            y: yAxis.position(curve[end])!,
            value: curve[end],
          },
  };
}

/** One mark per pixel at most: a series of nothing but NaN stays a small picture. */
function edgeMarks(s: Placeable, index: number, xAxis: Axis, yAxis: Axis, top: number, bottom: number): string {
  const seen = new Set<string>();
  const marks: string[] = [];
  s.y.forEach((value, i) => {
    if (yAxis.position(value) !== null) return;
    const x = Math.round(xAxis.position(s.x[i])!);
    const kind = Number.isNaN(value) ? 'nan' : value > 0 ? 'up' : 'down';
    if (seen.has(kind + x)) return;
    seen.add(kind + x);
    const d = {
      nan: `M${x - 4},${bottom - 4}l8,8m0,-8l-8,8`,
      up: `M${x},${top - 4}l5,9h-10z`,
      down: `M${x},${bottom + 4}l5,-9h-10z`,
    }[kind];
    const colour = seriesColour(index);
    const paint = kind === 'nan' ? `fill:none;stroke:${colour};stroke-width:2` : `fill:${colour}`;
    marks.push(element('path', { d, style: paint }));
  });
  return marks.join('');
}

function notesOf(shown: readonly Placeable[], logY: boolean): string[] {
  const sum: NonFinite = { nan: 0, positive: 0, negative: 0 };
  let unplaced = 0;
  let dropped = 0;
  for (const s of shown) {
    const { nonFinite } = finiteExtent(s.y);
    sum.nan += nonFinite.nan;
    sum.positive += nonFinite.positive;
    sum.negative += nonFinite.negative;
    dropped += s.dropped;
    if (logY) unplaced += s.y.filter((v) => v <= 0 && v !== -Infinity).length;
  }
  const edge = [
    sum.nan > 0 ? `× ${sum.nan} NaN` : '',
    sum.positive > 0 ? `▲ ${sum.positive} +∞` : '',
    sum.negative > 0 ? `▼ ${sum.negative} −∞` : '',
    unplaced > 0 ? `▼ ${unplaced} not above 0` : '',
  ].filter((text) => text !== '');
  const notes = edge.length > 0 ? [`Not on the curve: ${edge.join(', ')}`] : [];
  if (dropped > 0) notes.push(`Not shown: ${dropped} with an x that has no place on the axis`);
  return notes;
}

/** The last value beside the end of each curve, moved apart where they would overlap; left out beyond 8 series, and where there is no room. */
function endLabels(drawn: readonly Drawn[], top: number, bottom: number): string {
  const ends = drawn.flatMap((d, index) => (d.last === null ? [] : [{ ...d.last, index }])).sort((a, b) => a.y - b.y);
  const spare = bottom - 4 - top - (ends.length - 1) * PHONE;
  if (ends.length > 8 || spare < 0) return '';
  const apart = separate(
    ends.map(({ y }) => y),
    ends.map(() => 0),
    PHONE,
  );
  // Each as near as it can be, and as far from the edges as the others need.
  const places = apart.map((at, i) => Math.max(top, Math.min(top + spare, at - i * PHONE)) + i * PHONE);
  return ends
    .map((e, i) => {
      const at = places[i];
      const dot = element('circle', {
        cx: e.x,
        cy: e.y,
        r: 4,
        style: `fill:${seriesColour(e.index)};stroke:var(--lm-paper);stroke-width:1.5`,
      });
      const x = WIDTH - RIGHT + 12;
      const lead =
        Math.abs(at - e.y) > 6 || x - e.x > 20 ? rule(e.x + 5, e.y, x - 3, at, seriesColour(e.index), 0.75) : '';
      return lead + dot + label(x, at, formatNumber(e.value), { dy: '0.35em' });
    })
    .join('');
}

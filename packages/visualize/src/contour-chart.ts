import { contours } from 'd3-contour';
import { axis } from './axis.js';
import { drawLegendRow, HEAD, legendRows } from './legend.js';
import { checkLength, checkOptions } from './options.js';
import { heading, label, rule, svgDocument, wrap } from './svg.js';
import { seriesColour, seriesDash } from './theme.js';
import { type Attribute, element } from './xml.js';

export interface ContourPath {
  name: string;
  x: ArrayLike<number>;
  /** As long as `x`. */
  y: ArrayLike<number>;
}

export interface ContourChartOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** Under the picture. Default: none. */
  readonly xLabel?: string;
  /** Beside the picture. Default: none. */
  readonly yLabel?: string;
  /** The height above each place. */
  readonly surface: (x: number, y: number) => number;
  /** Least and greatest x shown. */
  readonly x: readonly [low: number, high: number];
  /** Least and greatest y shown. */
  readonly y: readonly [low: number, high: number];
  /** Number of contour lines. They enclose equal areas, so that a steep wall does not take them all. Default 14. */
  readonly lines?: number;
  /** Drawn over the surface, from a ring at the first point to a dot at the last; what leaves the picture is cut off. Default: none. */
  readonly paths?: readonly ContourPath[];
  /** Places marked by a cross, such as minima. Default: none. */
  readonly marks?: readonly (readonly [x: number, y: number])[];
}

const OPTIONS = ['title', 'xLabel', 'yLabel', 'surface', 'x', 'y', 'lines', 'paths', 'marks'];
const WIDTH = 640;
const LEFT = 70;
const RIGHT = 24;
const ROW = 26;
/** Places along each axis at which the surface is read. */
const COLUMNS = 100;
const ROWS = 80;
const PLOT = { width: WIDTH - LEFT - RIGHT, height: ((WIDTH - LEFT - RIGHT) * ROWS) / COLUMNS };

/**
 * A surface from above by its contour lines, the higher the darker, with paths over it, as an SVG document. Where the surface is not
 * finite it counts as highest. Points of a path that are not finite end its line.
 * @throws TypeError for unknown options; RangeError for a range without an inside, or a path whose x and y differ in length.
 */
export function contourChart(options: ContourChartOptions): string {
  checkOptions('contourChart', options, OPTIONS);
  const { title = '', xLabel = '', yLabel = '', surface, x, y, lines = 14, paths = [], marks = [] } = options;
  for (const [name, [low, high]] of [
    ['x', x],
    ['y', y],
  ] as const) {
    if (!(low < high && Number.isFinite(high - low)))
      throw new RangeError(`contourChart: ${name} is [${low}, ${high}], expected two finite numbers, the lower first`);
  }
  for (const path of paths) {
    checkOptions(`contourChart, path "${path.name}"`, path, ['name', 'x', 'y']);
    checkLength('contourChart', `y of path "${path.name}"`, path.y.length, path.x.length);
  }
  const titleLines = wrap(title, 50);
  const names = paths.map(({ name }) => name);
  const legend = legendRows(names, WIDTH);
  const top = HEAD + titleLines.length * ROW + legend.length * ROW + (yLabel === '' ? 0 : ROW + 6);
  const bottom = top + PLOT.height;
  const xAxis = axis({ extent: [...x], range: [0, PLOT.width], count: 6 });
  const yAxis = axis({ extent: [...y], range: [PLOT.height, 0], count: 5 });
  const pointAt: PointAt = (px, py) => {
    const [across, down] = [xAxis.position(px), yAxis.position(py)];
    return across === null || down === null ? null : [clip(across), clip(down)];
  };

  const body = heading(titleLines);
  legend.forEach((row, i) => body.push(drawLegendRow(row, 24 + (titleLines.length + i) * ROW)));
  if (yLabel !== '') body.push(label(2, top - 18, yLabel, { class: 'lm-muted' }));
  // A picture in the picture cuts off what leaves it, without an id that other pictures of a page could have too.
  const frame: Record<string, Attribute> = { x: LEFT, y: top, ...PLOT, style: 'overflow:hidden' };
  body.push(
    element(
      'svg',
      frame,
      ...contourLines(surface, x, y, lines),
      ...marks.map(([px, py]) => cross(pointAt(px, py))),
      ...paths.map((path, index) => drawPath(path, index, pointAt)),
    ),
  );
  body.push(rule(LEFT, bottom, LEFT + PLOT.width, bottom, 'var(--lm-muted)'));
  body.push(rule(LEFT, top, LEFT, bottom, 'var(--lm-muted)'));
  for (const { at, label: text } of yAxis.ticks)
    body.push(label(LEFT - 8, top + at, text, { class: 'lm-muted', 'text-anchor': 'end', dy: '0.35em' }));
  for (const { at, label: text } of xAxis.ticks) {
    body.push(rule(LEFT + at, bottom, LEFT + at, bottom + 5, 'var(--lm-muted)'));
    body.push(label(LEFT + at, bottom + 26, text, { class: 'lm-muted', 'text-anchor': 'middle' }));
  }
  if (xLabel !== '')
    body.push(label(LEFT + PLOT.width / 2, bottom + 26 + ROW, xLabel, { class: 'lm-muted', 'text-anchor': 'middle' }));
  const height = bottom + 38 + (xLabel === '' ? 0 : ROW);
  const about = `${title || 'Contour chart'}${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
  return svgDocument({ width: WIDTH, height, label: about }, ...body);
}

function contourLines(
  surface: ContourChartOptions['surface'],
  [left, right]: readonly [number, number],
  [low, high]: readonly [number, number],
  lines: number,
): string[] {
  const values = Array.from({ length: COLUMNS * ROWS }, (_, i) => {
    const [column, row] = [i % COLUMNS, Math.floor(i / COLUMNS)];
    // Cells are read in their middle; rows go down, values up.
    return surface(left + ((column + 0.5) / COLUMNS) * (right - left), high - ((row + 0.5) / ROWS) * (high - low));
  });
  const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (finite.length === 0) return [];
  const highest = finite[finite.length - 1];
  const levels = Array.from({ length: lines }, (_, i) => finite[Math.floor(((i + 0.5) / lines) * finite.length)]);
  const scale = PLOT.width / COLUMNS;
  const drawn = contours()
    .size([COLUMNS, ROWS])
    .thresholds([...new Set(levels)])(values.map((v) => (Number.isFinite(v) ? v : highest)));
  return drawn.map(({ coordinates }) => {
    const rings = coordinates.flat().map((ring) => {
      const points = ring.map(([px, py]) => `${round(px * scale)},${round(py * scale)}`);
      return `M${points.join('L')}Z`;
    });
    const style = `fill:var(--lm-ink);fill-opacity:.035;stroke:var(--lm-muted);stroke-opacity:.55;stroke-width:.75`;
    return element('path', { d: rings.join(''), style });
  });
}

type Point = readonly [x: number, y: number];

/** Where a point lies in the plot, or near its edge: far outside are coordinates that no renderer must cope with. Null where it is not finite. */
type PointAt = (x: number, y: number) => Point | null;

function drawPath({ x, y }: ContourPath, index: number, pointAt: PointAt): string {
  const points: Point[] = [];
  for (let i = 0; i < x.length; i++) {
    const point = pointAt(x[i], y[i]);
    if (point === null) break;
    points.push(point);
  }
  if (points.length === 0) return '';
  const colour = seriesColour(index);
  const dash = seriesDash(index);
  const at = points.map(([px, py]) => `${round(px)},${round(py)}`);
  const [start, end] = [points[0], points.at(-1)!];
  const circle = ([cx, cy]: Point, r: number, style: string): string =>
    element('circle', { cx: round(cx), cy: round(cy), r, style });
  return [
    element('path', {
      d: `M${at.join('L')}`,
      style: `fill:none;stroke:${colour};stroke-width:2;stroke-linejoin:round${dash === undefined ? '' : `;stroke-dasharray:${dash}`}`,
    }),
    ...points.slice(1, 40).map((point) => circle(point, 2, `fill:${colour}`)),
    circle(start, 5, `fill:var(--lm-paper);stroke:${colour};stroke-width:2`),
    circle(end, 5, `fill:${colour};stroke:var(--lm-paper);stroke-width:1.5`),
  ].join('');
}

const clip = (v: number): number => Math.max(-5000, Math.min(5000, v));
const round = (v: number): number => Math.round(v * 10) / 10;

function cross(at: Point | null): string {
  if (at === null) return '';
  return element('path', {
    d: `M${round(at[0]) - 6},${round(at[1]) - 6}l12,12m0,-12l-12,12`,
    style: 'fill:none;stroke:var(--lm-ink);stroke-width:2',
  });
}

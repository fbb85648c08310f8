import { formatNumber, formatPercent, formatShort } from './number.js';
import { checkLength, checkOptions } from './options.js';
import { CHARACTER, heading, label, shorten, svgDocument, wrap } from './svg.js';
import { element, escapeText } from './xml.js';

export interface ConfusionMatrixOptions {
  /** Above the picture. Default: none. */
  readonly title?: string;
  /** Counts, `matrix[t][p]` = examples of true class t that were called p. Square. */
  readonly matrix: readonly ArrayLike<number>[];
  /** Names of the classes. Default 0, 1, 2, … */
  readonly labels?: readonly string[];
}

/** Sums and rates of a confusion matrix. A rate of a class without examples (or never predicted) is NaN. */
export interface ConfusionSummary {
  rowTotals: number[];
  columnTotals: number[];
  total: number;
  correct: number;
  /** Of the examples of a class, the share that was found. */
  recall: number[];
  /** Of the examples called a class, the share that is of it. */
  precision: number[];
}

/**
 * Totals, recall and precision from counts `matrix[true][predicted]`.
 * @throws RangeError unless the matrix is square; for negative counts.
 */
export function confusionSummary(matrix: readonly ArrayLike<number>[]): ConfusionSummary {
  const n = matrix.length;
  const rowTotals = new Array<number>(n).fill(0);
  const columnTotals = new Array<number>(n).fill(0);
  let correct = 0;
  matrix.forEach((row, t) => {
    checkLength('confusionMatrix', `row ${t} of the matrix`, row.length, n);
    for (let p = 0; p < n; p++) {
      const count = row[p];
      if (count < 0) throw new RangeError(`confusionMatrix: matrix[${t}][${p}] is ${count}, expected a count ≥ 0`);
      rowTotals[t] = rowTotals[t] + count;
      columnTotals[p] = columnTotals[p] + count;
      if (t === p) correct += count;
    }
  });
  const diagonal = (i: number): number => matrix[i][i];
  return {
    rowTotals,
    columnTotals,
    total: rowTotals.reduce((a, b) => a + b, 0),
    correct,
    recall: rowTotals.map((sum, i) => diagonal(i) / sum),
    precision: columnTotals.map((sum, i) => diagonal(i) / sum),
  };
}

const PHONE = 18;
const MARGIN_CELLS = 2;

/**
 * A heat map of `matrix[true][predicted]` with counts, as an SVG document. Cells are shaded by their share of the row: blue
 * where right; orange where wrong, there by the square root relative to the largest such share (or 1%, if that is larger), so that
 * rare mistakes are seen. To the right stand the number of examples and
 * recall of each class, beneath the number of predictions and precision, in the corner the total and accuracy. Beyond 30
 * classes counts appear on hover only.
 * @throws TypeError for unknown options; RangeError unless square, for negative counts, where `labels` has another length.
 */
export function confusionMatrix(options: ConfusionMatrixOptions): string {
  checkOptions('confusionMatrix', options, ['title', 'matrix', 'labels']);
  const { title = '', matrix } = options;
  const n = matrix.length;
  const labels = options.labels ?? matrix.map((_, i) => String(i));
  checkLength('confusionMatrix', 'labels', labels.length, n);
  const summary = confusionSummary(matrix);

  const written = n <= 30;
  const cell = n <= 12 ? 48 : n <= 30 ? 40 : Math.max(6, Math.floor(720 / n));
  const edge = written ? 72 : 0;
  const names = labels.map((text) => shorten(text, 12));
  const longest = Math.max(1, ...names.map((t) => [...t].length));
  const named = cell >= 14;
  const upright = longest * PHONE * CHARACTER > cell;
  const nameRoom = named ? longest * PHONE * CHARACTER + 14 : 0;
  // Beneath the names stands "precision %".
  const left = Math.max(34 + nameRoom, written ? 120 : 0);
  const side = n * cell;
  const width = n === 0 ? 240 : left + side + edge * MARGIN_CELLS + 2;
  const titleLines = wrap(title, Math.min(50, Math.floor(width / (1.1 * PHONE * CHARACTER))));
  const top = 38 + titleLines.length * 26 + (named ? (upright ? nameRoom : 26) : 0);
  const body = heading(titleLines);
  if (n === 0) {
    body.push(label(2, top, 'no classes', { class: 'lm-muted' }));
    return svgDocument(
      { width, height: top + 20, label: `${title || 'Confusion matrix'}: no classes`, phone: PHONE },
      ...body,
    );
  }
  const centre = (x: number, y: number, text: string, className?: string, more: Record<string, string> = {}): string =>
    label(x, y, text, { 'text-anchor': 'middle', dy: '0.35em', class: className, ...more });

  body.push(centre(left + side / 2, 18 + titleLines.length * 26, 'predicted', 'lm-muted'));
  body.push(
    centre(0, 0, 'true', 'lm-muted', { transform: `translate(${left - nameRoom - 14} ${top + side / 2}) rotate(-90)` }),
  );
  const middleOf = (i: number): number => i * cell + cell / 2;
  if (named) {
    names.forEach((name, i) => {
      body.push(label(left - 8, top + middleOf(i), name, { 'text-anchor': 'end', dy: '0.35em' }));
      body.push(
        upright
          ? label(0, 0, name, { transform: `translate(${left + middleOf(i)} ${top - 8}) rotate(-90)`, dy: '0.35em' })
          : centre(left + middleOf(i), top - 14, name),
      );
    });
  }
  const worst = worstShare(matrix, summary.rowTotals);
  matrix.forEach((row, t) => {
    for (let p = 0; p < n; p++) {
      const count = row[p];
      const share = count / summary.rowTotals[t];
      const tip = `true ${labels[t]}, predicted ${labels[p]}: ${formatNumber(count)} (${formatPercent(share)} of the row)`;
      body.push(
        drawCell(
          left + p * cell,
          top + t * cell,
          cell,
          count,
          t === p ? share : 0.8 * Math.sqrt(share / worst),
          t === p,
          written,
          tip,
        ),
      );
    }
  });
  if (written) body.push(margins(summary, n, left, top, cell, edge, centre));
  const accuracy = formatPercent(summary.correct / summary.total);
  return svgDocument(
    {
      width,
      height: top + side + (written ? 80 : 14),
      label: `${title || 'Confusion matrix'}: ${formatNumber(summary.correct)} of ${formatNumber(summary.total)} right (${accuracy})`,
      phone: PHONE,
    },
    ...body,
  );
}

/** The largest share of a row among the mistakes, at least 1%. */
function worstShare(matrix: readonly ArrayLike<number>[], totals: readonly number[]): number {
  const shares = matrix.map((row, t) => Array.from(row, (count, p) => (p === t ? 0 : count / totals[t])));
  return Math.max(0.01, ...shares.flat().filter(Number.isFinite));
}

function drawCell(
  x: number,
  y: number,
  cell: number,
  count: number,
  shade: number,
  right: boolean,
  written: boolean,
  tip: string,
): string {
  const gap = cell > 20 ? 2 : 0;
  const box = { x, y, width: cell - gap, height: cell - gap, rx: gap };
  const ground = element('rect', { ...box, style: 'fill:var(--lm-soft)' });
  const fill = !(shade > 0)
    ? ''
    : element('rect', { ...box, style: `fill:${right ? '#0072b2' : '#c65200'};fill-opacity:${shade.toFixed(3)}` });
  const strong = shade > 0.55 ? 'lm-onfill' : count === 0 ? 'lm-muted' : undefined;
  const text = written
    ? label(x + (cell - gap) / 2, y + (cell - gap) / 2, count === 0 ? '·' : compact(count), {
        'text-anchor': 'middle',
        dy: '0.35em',
        class: strong,
      })
    : '';
  return element('g', {}, element('title', {}, escapeText(tip)), ground, fill, text);
}

/** Without the sign: narrow columns have no room for it. */
const percent = (share: number): string => formatPercent(share).replace('%', '');

/** Four digits fit a cell, if without a separator; more are shortened: 12.3k. The full count is shown on hover. */
const compact = (count: number): string =>
  Number.isInteger(count) && count < 1e4
    ? String(count)
    : count < 1e4
      ? formatNumber(Number(count.toPrecision(3)))
      : formatShort(count);

const whole = (count: number): string => (count < 1e6 ? formatNumber(count) : formatShort(count));

type Centre = (x: number, y: number, text: string, className?: string) => string;

function margins(
  s: ConfusionSummary,
  n: number,
  left: number,
  top: number,
  cell: number,
  edge: number,
  centre: Centre,
): string {
  const right = left + n * cell;
  const foot = top + n * cell;
  const [column1, column2] = [right + edge / 2, right + edge * 1.5];
  const [row1, row2] = [foot + 24, foot + 56];
  const parts = [centre(column1, top - 14, 'total', 'lm-muted'), centre(column2, top - 14, 'recall %', 'lm-muted')];
  for (let i = 0; i < n; i++) {
    const middle = i * cell + cell / 2 - 1;
    parts.push(centre(column1, top + middle, whole(s.rowTotals[i])));
    parts.push(centre(column2, top + middle, percent(s.recall[i])));
    parts.push(centre(left + middle, row1, compact(s.columnTotals[i])));
    parts.push(centre(left + middle, row2, percent(s.precision[i])));
  }
  parts.push(label(left - 8, row1, 'total', { class: 'lm-muted', 'text-anchor': 'end', dy: '0.35em' }));
  parts.push(label(left - 8, row2, 'precision %', { class: 'lm-muted', 'text-anchor': 'end', dy: '0.35em' }));
  parts.push(centre(column1, row1, whole(s.total), 'lm-title'));
  parts.push(centre(column2, row2, formatPercent(s.correct / s.total), 'lm-title'));
  return parts.join('');
}

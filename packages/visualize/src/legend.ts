import { CHARACTER, label, phoneFont } from './svg.js';
import { seriesColour, seriesDash } from './theme.js';
import { element } from './xml.js';

/** Between the last line above a plot and the plot, of which the uppermost tick takes half its size on a phone. */
export const HEAD = 24;

export interface LegendItem {
  name: string;
  index: number;
  x: number;
}

/** Items of a legend flow into rows of at most `width`, each as wide as the text is on a phone, where it is largest. */
export function legendRows(names: readonly string[], width: number): LegendItem[][] {
  const rows: LegendItem[][] = [];
  let x = Infinity;
  names.forEach((name, index) => {
    const room = 34 + [...name].length * phoneFont(width) * CHARACTER + 20;
    if (x + room > width) {
      rows.push([]);
      x = 2;
    }
    rows.at(-1)!.push({ name, index, x });
    x += room;
  });
  return rows;
}

/** One row of a legend: a piece of each curve and its name. */
export function drawLegendRow(row: readonly LegendItem[], baseline: number): string {
  return row
    .map(({ name, index, x }) => {
      const dash = seriesDash(index);
      const style = `stroke:${seriesColour(index)};stroke-width:3;stroke-linecap:round${dash === undefined ? '' : `;stroke-dasharray:${dash}`}`;
      const swatch = element('line', {
        x1: x + 1,
        y1: baseline,
        x2: x + 24,
        y2: baseline,
        style,
        transform: 'translate(0 -5)',
      });
      return swatch + label(x + 34, baseline, name);
    })
    .join('');
}

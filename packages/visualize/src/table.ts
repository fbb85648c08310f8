import { formatNumber } from './number.js';
import { checkLength, checkOptions } from './options.js';
import { element, escapeText } from './xml.js';

/** Text stands as it is; numbers are formatted (`formatNumber`); `null` is an empty cell. */
export type Cell = string | number | null;

export interface TableOptions {
  /** The headings. */
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly Cell[])[];
  /** A last row set apart: sums. Default: none. */
  readonly total?: readonly Cell[];
  /** Above the table. Default: none. */
  readonly caption?: string;
}

/**
 * An HTML table that scrolls sideways where it does not fit. A column with numbers and no text is right-aligned.
 * @throws TypeError for unknown options; RangeError where a row is not as long as `columns`.
 */
export function table(options: TableOptions): string {
  checkOptions('table', options, ['columns', 'rows', 'total', 'caption']);
  const { columns, rows, total, caption } = options;
  rows.forEach((row, i) => checkLength('table', `row ${i}`, row.length, columns.length));
  if (total !== undefined) checkLength('table', 'total', total.length, columns.length);
  const numeric = columns.map(
    (_, j) => rows.some((row) => typeof row[j] === 'number') && rows.every((row) => typeof row[j] !== 'string'),
  );
  const cells = (name: 'td' | 'th', row: readonly Cell[], border: string): string =>
    element(
      'tr',
      {},
      ...row.map((cell, j) => {
        const side = numeric[j] ? 'right' : 'left';
        const text = cell === null ? '' : typeof cell === 'number' ? formatNumber(cell) : cell;
        const scope = name === 'th' ? { scope: 'col' } : {};
        const look =
          name === 'th'
            ? ';font-weight:600;color:var(--lm-muted,#666);vertical-align:bottom'
            : text.length <= 24
              ? ';white-space:nowrap'
              : '';
        return element(
          name,
          {
            ...scope,
            style: `text-align:${side};padding:7px clamp(12px,3vw,28px) 7px 0;border-bottom:${border}${look}`,
          },
          escapeText(text),
        );
      }),
    );
  const hair = '1px solid var(--lm-line,#ddd)';
  const body = element('tbody', {}, ...rows.map((row) => cells('td', row, hair)));
  const head = element('thead', {}, cells('th', columns, '1px solid var(--lm-muted,#666)'));
  const foot = total === undefined ? '' : element('tfoot', { style: 'font-weight:600' }, cells('td', total, 'none'));
  const words =
    caption === undefined
      ? ''
      : element('caption', { style: 'text-align:left;font-weight:600;padding-bottom:8px' }, escapeText(caption));
  const look =
    'border-collapse:collapse;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums;min-width:min(100%,420px)';
  return element('div', { style: 'overflow-x:auto' }, element('table', { style: look }, words, head, body, foot));
}

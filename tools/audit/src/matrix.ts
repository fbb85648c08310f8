import { escapeText } from '@lemmata/visualize';
import type { Cell } from './cell.js';
import type { Findings } from './findings.js';
import { generalLaws } from './gaps.js';
import { outcomeOf, unique } from './words.js';

/** A box of its own, so that the names of the laws stay in sight. */
export const MATRIX_STYLE: string = `<style>
.am{max-height:88vh;overflow:auto}
.au{border-collapse:collapse;font-size:13px;line-height:1.35}
.au th{font-weight:500;text-align:left}
.au thead th{vertical-align:bottom;padding:0 1px 6px;position:sticky;top:0;background:var(--lm-paper);z-index:1}
.au thead th span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;color:var(--lm-muted)}
.au tbody th{padding:2px 14px 2px 0;white-space:nowrap}
.au td{padding:1px;text-align:center;min-width:22px;color:var(--lm-muted)}
.au a{display:block;width:20px;height:20px;border-radius:4px;text-decoration:none;font-size:11px;line-height:20px;background:#2a9d6f2e;color:var(--lm-ink,inherit)}
.au a.x,.au b{background:#d6453d;color:#fff}.au a.k{background:#d9a2274d}
.au tbody.g th{padding-top:14px;color:var(--lm-muted)}
</style>`;

/** Subjects of a kind against the general laws of that kind. */
export function matrix({ cells, leftOut }: Findings, kind: Cell['kind'], addresses: ReadonlyMap<Cell, string>): string {
  const mine = cells.filter((cell) => cell.kind === kind);
  if (mine.length === 0) return '';
  const laws = generalLaws(cells, leftOut, kind);
  const reasons = leftOut.filter((each) => each.kind === kind);
  const rows = unique(mine.map(({ item }) => item)).map((item) => {
    const ofItem = mine.filter((cell) => cell.item === item);
    const lines = unique(ofItem.map(({ subject }) => subject)).map((subject) => {
      const fields = laws.map((law) => {
        const is = (each: { readonly subject: string; readonly law: string; readonly item: string }): boolean =>
          each.item === item && each.subject === subject && each.law === law;
        const cell = ofItem.find(is);
        if (cell !== undefined) return `<td>${field(cell, addresses.get(cell)!)}</td>`;
        const out = reasons.find(is);
        return out === undefined ? '<td></td>' : `<td${titled(`${subject}: ${law}. Left out: ${out.reason}`)}>·</td>`;
      });
      return `<tr><th scope="row">${escapeText(subject)}</th>${fields.join('')}</tr>`;
    });
    return `<tbody class="g"><tr><th colspan="${laws.length + 1}">${escapeText(item)}</th></tr></tbody><tbody>${lines.join('')}</tbody>`;
  });
  const columns = laws.map((law) => `<th scope="col"><span>${escapeText(law)}</span></th>`).join('');
  return `<div class="am"><table class="au"><thead><tr><th scope="col">${kind}s</th>${columns}</tr></thead>${rows.join('')}</table></div>`;
}

const titled = (text: string): string => ` title="${escapeText(text).replaceAll('"', '&quot;')}"`;

function field(cell: Cell, address: string): string {
  const caught = cell.mutants.filter(({ fate }) => fate === 'killed').length;
  const look = cell.status === 'held' ? '' : cell.status === 'known' ? ' class="k"' : ' class="x"';
  return `<a href="#${address}"${look}${titled(`${cell.subject}: ${cell.law}. ${outcomeOf(cell)}`)}>${caught}</a>`;
}

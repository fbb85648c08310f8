import { compared, Figures } from './figures.js';
import { PEERS, type PeerId } from './ids.js';
import type { Measurement } from './measurement.js';
import { significant } from './statistics.js';

/** A table as rows of cells; the first row is its head. */
export type Table = readonly (readonly string[])[];

/** A row for each workload and number of threads: our figure, its share of the roof, and each peer's figure with ours ÷ theirs. */
export function tableOf(measurements: readonly Measurement[]): Table {
  const figures = new Figures(measurements);
  const peers = PEERS.filter((peer) => measurements.some((each) => each.peer === peer));
  const others = peers.filter((peer) => peer !== 'lemmata');
  const rows = new Map(measurements.map(({ workload, threads }) => [`${workload} ${threads}`, { workload, threads }]));
  const cell = (workload: string, peer: PeerId, threads: number): string => {
    const found = figures.find(workload, peer, threads);
    if (found === undefined) return '';
    if (found.error !== undefined) return shortError(found.error);
    const ratio = peer === 'lemmata' ? undefined : figures.ratio(workload, peer, threads);
    return formatValue(found) + (ratio === undefined ? '' : ` (${significant(ratio, 3)}×)`);
  };
  return [
    ['workload', 'threads', ...(peers.includes('lemmata') ? ['lemmata', '% of roof'] : []), ...others],
    ...[...rows.values()].map(({ workload, threads }) => {
      const share = figures.roofShare(workload, threads);
      const ours = [cell(workload, 'lemmata', threads), share === undefined ? '' : String(Math.round(100 * share))];
      return [
        workload,
        String(threads),
        ...(peers.includes('lemmata') ? ours : []),
        ...others.map((peer) => cell(workload, peer, threads)),
      ];
    }),
  ];
}

function shortError(error: string): string {
  if (error.startsWith('not built yet')) return 'not built yet';
  return error.startsWith('cannot') ? 'cannot' : 'throws';
}

/** Milliseconds or microseconds, KiB or MiB; the figure that is compared. */
export function formatValue(measurement: Measurement): string {
  const value = compared(measurement)!;
  if (measurement.bytes !== undefined)
    return value < 2 ** 20 ? `${significant(value / 2 ** 10, 3)} KiB` : `${significant(value / 2 ** 20, 3)} MiB`;
  return Math.abs(value) < 0.1 ? `${significant(value * 1000, 3)} µs` : `${significant(value, 3)} ms`;
}

/** What a table cannot show in its cells: errors and notes, each once, with whom they concern. */
export function remarks(measurements: readonly Measurement[]): string[] {
  const found = new Map<string, string[]>();
  for (const { workload, peer, threads, error, note } of measurements) {
    for (const text of [error, note]) {
      if (text === undefined) continue;
      const key = `${peer}, ${threads} ${threads === 1 ? 'thread' : 'threads'}: ${text}`;
      found.set(key, [...(found.get(key) ?? []), workload]);
    }
  }
  return [...found].map(([text, names]) => `${text} (${names.join(', ')})`);
}

/** With columns lined up for a terminal. */
export function formatText(table: Table): string {
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function formatMarkdown(table: Table): string {
  const [head, ...rows] = table;
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head!), `|${head!.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`, ...rows.map(line)].join('\n');
}

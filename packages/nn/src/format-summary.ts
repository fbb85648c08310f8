import type { Summary, SummaryRow } from './summary.js';

/**
 * A summary as a table: layer, kind, output shape, parameters, multiply-adds, memory, receptive field and its step from
 * element to element.
 */
export function formatSummary(summary: Summary): string {
  const { inputShape, outputShape, rows, parameters, stateSize, flops, memory } = summary;
  const table = [
    ['layer', 'kind', 'output', 'parameters', 'multiply-adds', 'memory', 'field', 'step'],
    ['input', '', shapeText(inputShape), '', '', '', '', ''],
    ...rows.map((row) => [
      `${'  '.repeat(row.depth)}${row.name.split('.').at(-1)}`,
      row.kind,
      shapeText(row.outputShape),
      count(row.parameters),
      count(row.flops),
      bytes(row.memory),
      fieldText(row, 'size'),
      fieldText(row, 'jump'),
    ]),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, c) => (c < 3 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)));
  const state = stateSize > 0 ? `, ${count(stateSize)} numbers of state` : '';
  return [
    lines[0],
    rule,
    ...lines.slice(1),
    rule,
    `${count(parameters)} parameters${state}, ${count(flops)} multiply-adds, ${bytes(memory)}, output ${shapeText(outputShape)}`,
  ].join('\n');
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

/** 61,706 */
function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 246.8 kB; powers of a thousand. */
function bytes(n: number): string {
  const power = n < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** One number where it is the same along every axis. */
function fieldText({ field }: SummaryRow, what: 'size' | 'jump'): string {
  if (field === null) return what === 'size' ? 'all' : '';
  const values = field.map((axis) => axis[what]);
  return new Set(values).size === 1 ? String(values[0]) : values.join('×');
}

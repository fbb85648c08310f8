import { totalsByOp, type OpTotal, type Profile } from './profile.js';

/** Longer names are cut: those of fused lines name all their ops. */
const WIDEST = 44;

/**
 * A profile as a table, an op a row, the longest first: lines and milliseconds a call, share of the time in lines, operations and bytes
 * a second, and bytes a call. The last rows are the sum of all lines, what lies around them (arguments put in place, results
 * delivered), and the call: lines and what lies around them add up to it.
 */
export function formatProfile(profile: Profile): string {
  const { name, calls } = profile;
  if (calls.length === 0) return `${name}: no calls`;
  const totals = totalsByOp(profile);
  const whole = calls.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const all = totals.reduce<OpTotal>(
    (sum, { lines, ms, flops, bytes }) => ({
      op: 'all lines',
      lines: sum.lines + lines,
      ms: sum.ms + ms,
      flops: sum.flops + flops,
      bytes: sum.bytes + bytes,
    }),
    { op: 'all lines', lines: 0, ms: 0, flops: 0, bytes: 0 },
  );
  const n = calls.length;
  const row = ({ op, lines, ms, flops, bytes }: OpTotal): string[] => [
    op.length > WIDEST ? `${op.slice(0, WIDEST - 1)}…` : op,
    rounded(lines / n),
    (ms / n).toFixed(3),
    `${((100 * ms) / all.ms || 0).toFixed(1)} %`,
    rate(flops, ms),
    rate(bytes, ms),
    (bytes / n / 1e6).toFixed(2),
  ];
  const time = (what: string, ms: number): string[] => [what, '', (ms / n).toFixed(3), '', '', '', ''];
  const rows = [
    ['op', 'lines', 'ms', 'share', 'GFLOP/s', 'GB/s', 'MB'],
    ...totals.map(row),
    row(all),
    time('around the lines', whole - all.ms),
    time('a call', whole),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const text = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  return [`${name}, the mean of ${n} call${n === 1 ? '' : 's'}`, ...text].join('\n');
}

/** A million of them in a millisecond are a thousand million in a second. */
function rate(count: number, ms: number): string {
  return ms > 0 ? (count / ms / 1e6).toFixed(2) : '–';
}

function rounded(x: number): string {
  return String(Number(x.toFixed(1)));
}

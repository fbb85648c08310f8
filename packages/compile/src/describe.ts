import { costOf } from './costs.js';
import type { Executable } from './executable.js';
import { formatLine } from './program.js';

/** What runs at each call, behind what runs when arguments have changed that seldom do. */
export function describeProgram(name: string, once: Executable | null, each: Executable): string {
  const parts = once === null ? [] : [describeExecutable(`${name}, once`, once)];
  return [...parts, describeExecutable(name, each)].join('\n');
}

/**
 * What will run, line by line: where each output is written to, the operations, the bytes that are read and written at
 * least, and those that are made once of what stays the same. Layouts, which cost nothing, are left out.
 */
function describeExecutable(name: string, { program, plan, kept }: Executable): string {
  const costs = plan.lines.map((line) => costOf(line, program));
  const lines = plan.lines.map((line, i) => {
    const places = new Set(
      line.outputs.map((id) => {
        const { root } = plan.places.get(id)!;
        return root.kind === 'slot' ? `slot ${root.slot}` : root.kind === 'landing' ? 'place' : root.kind;
      }),
    );
    const { flops, bytes } = costs[i];
    const { memory } = kept[i];
    const made = memory === undefined ? '' : `; ${scaled(memory.bytes, 'B')} made once`;
    return `  ${formatLine(program, line)}  → ${[...places].join(', ')}  (${scaled(flops, 'FLOP')}, ${scaled(bytes, 'B')}${made})`;
  });
  const slotBytes = plan.slots.reduce((a, b) => a + b, 0);
  const layouts = program.lines.length - plan.lines.length;
  const total = (of: 'flops' | 'bytes'): number => costs.reduce((sum, cost) => sum + cost[of], 0);
  return [
    `${name}: ${counted(plan.lines.length, 'line')}, ${counted(layouts, 'layout')}, ${counted(plan.slots.length, 'slot')} of ${slotBytes} bytes in all; ` +
      `${scaled(total('flops'), 'FLOP')}, ${scaled(total('bytes'), 'B')} read and written`,
    ...lines,
    `  return ${program.results.map((id) => `%${id}`).join(', ')}`,
  ].join('\n');
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** 12, 1.5 k, 2.31 M: three digits at most. */
function scaled(n: number, unit: string): string {
  const power = n < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(n) / 3));
  return `${Number((n / 1000 ** power).toPrecision(3))} ${['', 'k', 'M', 'G', 'T'][power]}${unit}`;
}

import type { Executable } from './executable.js';
import { formatLine } from './program.js';

/** What will run, line by line, with the slot that each output is written to; layouts, which cost nothing, are left out. */
export function describeExecutable(name: string, { program, plan }: Executable): string {
  const lines = plan.lines.map((line) => {
    const slots = line.outputs.map((id) => {
      const root = plan.places.get(id)!.root;
      return root.kind === 'slot' ? `slot ${root.slot}` : root.kind;
    });
    return `  ${formatLine(program, line)}  → ${slots.join(', ')}`;
  });
  const bytes = plan.slots.reduce((a, b) => a + b, 0);
  const layouts = program.lines.length - plan.lines.length;
  return [
    `${name}: ${plan.lines.length} lines, ${layouts} layout${layouts === 1 ? '' : 's'}, ${plan.slots.length} slots of ${bytes} bytes in all`,
    ...lines,
    `  return ${program.results.map((id) => `%${id}`).join(', ')}`,
  ].join('\n');
}

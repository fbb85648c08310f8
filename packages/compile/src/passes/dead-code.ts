import type { Line, Program } from '../program.js';

/** Drops every line whose outputs nothing reads. */
export function dropDeadCode(program: Program): Program {
  const live = new Set(program.results);
  const lines: Line[] = [];
  for (let i = program.lines.length - 1; i >= 0; i--) {
    const line = program.lines[i];
    if (!line.outputs.some((id) => live.has(id))) continue;
    for (const id of line.inputs) live.add(id);
    lines.push(line);
  }
  return { ...program, lines: lines.reverse() };
}

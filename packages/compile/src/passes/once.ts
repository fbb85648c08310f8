import { followLayouts } from '../plan.js';
import type { Line, Program, ValueId } from '../program.js';
import { dropDeadCode } from './dead-code.js';

/** A program in two parts. */
export interface Parts {
  /** What depends on values alone that stay the same: it runs when one of these changes. */
  readonly once: Program;
  /** The other lines. Results of the first part are further inputs, behind those that there were. */
  readonly rest: Program;
}

/** Takes the lines that read nothing but constants and `fixed` inputs out of a program. Layouts cost nothing, and stay with those who read them. */
export function partOnce(program: Program, fixed: ReadonlySet<ValueId>): Parts {
  const { aliases } = followLayouts(program);
  const same = new Set(fixed);
  program.values.forEach(({ constant }, id) => constant !== undefined && same.add(id));
  const made = new Set<ValueId>();
  const [once, others]: [Line[], Line[]] = [[], []];
  program.lines.forEach((line, i) => {
    const isFixed = line.inputs.every((id) => same.has(id));
    const isLayout = aliases.has(i);
    if (isFixed) once.push(line);
    if (!isFixed || isLayout) others.push(line);
    for (const id of isFixed ? line.outputs : []) {
      same.add(id);
      if (!isLayout) made.add(id);
    }
  });
  const rest = dropDeadCode({ ...program, lines: others });
  const read = new Set([...rest.lines.flatMap(({ inputs }) => inputs), ...rest.results]);
  const results = [...made].filter((id) => read.has(id));
  const inputs = program.inputs.filter((id) => fixed.has(id));
  return {
    once: dropDeadCode({ ...program, inputs, lines: once, results }),
    rest: { ...rest, inputs: [...program.inputs, ...results] },
  };
}

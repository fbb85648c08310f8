import { costOf } from '../costs.js';
import type { Executable } from '../executable.js';
import { formatLine } from '../program.js';
import type { Profile, ProfiledLine } from './profile.js';

/** Notes the time of every line of a compiled function's calls, until it is stopped. */
export class Profiling {
  private readonly name: string;
  private readonly clock: () => number;
  private readonly onStop: (ended: Profiling) => void;
  private readonly lines = new Map<Executable, readonly ProfiledLine[]>();
  private readonly calls: { lines: readonly ProfiledLine[]; begin: number; marks: number[]; end: number }[] = [];

  constructor(name: string, clock: () => number, onStop: (ended: Profiling) => void) {
    this.name = name;
    this.clock = clock;
    this.onStop = onStop;
  }

  begin(executable: Executable): void {
    let lines = this.lines.get(executable);
    if (lines === undefined) this.lines.set(executable, (lines = describe(executable)));
    this.calls.push({ lines, begin: this.clock(), marks: [], end: Number.NaN });
  }

  readonly mark = (): void => {
    this.calls[this.calls.length - 1].marks.push(this.clock());
  };

  end(): void {
    this.calls[this.calls.length - 1].end = this.clock();
  }

  /** Ends it. A call that threw is left out. */
  stop(): Profile {
    this.onStop(this);
    return { name: this.name, calls: this.calls.filter(({ end }) => !Number.isNaN(end)) };
  }
}

function describe({ program, plan }: Executable): ProfiledLine[] {
  return plan.lines.map((line) => ({
    op: line.op.name,
    text: formatLine(program, line),
    ...costOf(line, program),
  }));
}

/** What Stryker reports, as far as it matters here: https://github.com/stryker-mutator/mutation-testing-elements */
export interface StrykerReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly status: string;
          readonly location: { readonly start: Position; readonly end: Position };
        }[];
      }
    >
  >;
}

interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** A change of a file. */
export interface Change {
  readonly line: number;
  /** What stood there, on one line and cut where it is long. */
  readonly original: string;
  readonly replacement: string;
}

/** A change that was tried: where it stands, as `line:column-line:column`, and whether its tests noticed. */
export interface Trial extends Change {
  readonly range: string;
  readonly outcome: 'killed' | 'timeout' | 'survived' | 'none';
}

/** What was run, and when: the commit and its day. */
export interface Run {
  readonly commit: string;
  readonly date: string;
}

/** The outcome for one file. */
export interface FileResult extends Run {
  /** A hash of its text as it was. */
  readonly text: string;
  /** When what had been overlooked was tried again, if it was since. */
  readonly again?: Run;
  /** How many changes the tests noticed. */
  readonly killed: number;
  /** Changes that made the tests take too long. */
  readonly timeouts: readonly Change[];
  /** Changes that no test noticed. */
  readonly survivors: readonly Change[];
}

/** The outcome for a package. */
export interface Result {
  readonly package: string;
  /** Whether all lines are changed, or `infer` and `vjp` alone. */
  readonly whole: boolean;
  /** How many files there are to change. */
  readonly of: number;
  /** By path in the repository. */
  readonly files: Readonly<Record<string, FileResult>>;
}

const OUTCOMES: Readonly<Record<string, Trial['outcome']>> = {
  Killed: 'killed',
  Timeout: 'timeout',
  Survived: 'survived',
  NoCoverage: 'survived',
};

/** The changes of a file that were tried. */
export function trialsOf(report: StrykerReport, file: string): Trial[] {
  const { source, mutants } = report.files[file] ?? { source: '', mutants: [] };
  return mutants.map(({ location: { start, end }, replacement = '', mutatorName, status }) => ({
    line: start.line,
    original: oneLine(textAt(source, start, end)),
    replacement: oneLine(replacement === '' ? mutatorName : replacement),
    range: `${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
    outcome: OUTCOMES[status] ?? 'none',
  }));
}

/** What trials say of a file. */
export function outcomeOf(trials: readonly Trial[]): Pick<FileResult, 'killed' | 'timeouts' | 'survivors'> {
  const of = (outcome: Trial['outcome']): Change[] =>
    trials
      .filter((each) => each.outcome === outcome)
      .map(({ line, original, replacement }) => ({ line, original, replacement }));
  return { killed: of('killed').length, timeouts: of('timeout'), survivors: of('survived') };
}

/** The changes of a package that no test noticed, or that took too long, with their files. */
export function changesOf(result: Result, kind: 'survivors' | 'timeouts'): (Change & { readonly file: string })[] {
  return Object.entries(result.files).flatMap(([file, each]) => each[kind].map((change) => ({ file, ...change })));
}

export function killedOf({ files }: Result): number {
  return Object.values(files).reduce((sum, { killed }) => sum + killed, 0);
}

/** Changes that were noticed, of those that could be, in percent. A run that does not end is noticed. */
export function scoreOf(result: Result): number {
  const noticed = killedOf(result) + changesOf(result, 'timeouts').length;
  return (100 * noticed) / (noticed + changesOf(result, 'survivors').length);
}

function textAt(source: string, start: Position, end: Position): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join('\n');
}

const LONGEST = 100;

/** A text as results show it: on one line, and cut where it is long. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

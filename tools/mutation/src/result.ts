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

/** A change that no test noticed, or that made the tests take too long. */
export interface Change {
  readonly file: string;
  readonly line: number;
  readonly original: string;
  readonly replacement: string;
}

/** How many pieces of a package have been changed. */
export interface Share {
  readonly done: number;
  readonly of: number;
}

/** The outcome for a package. */
export interface Result {
  readonly package: string;
  readonly commit: string;
  readonly date: string;
  /** Whether all lines were changed, or `infer` and `vjp` alone. */
  readonly whole: boolean;
  readonly pieces: Share;
  readonly killed: number;
  readonly timeouts: readonly Change[];
  readonly survivors: readonly Change[];
}

export function resultOf(
  name: string,
  circumstances: Pick<Result, 'commit' | 'date' | 'whole' | 'pieces'>,
  report: StrykerReport,
): Result {
  const of = (...statuses: readonly string[]): Change[] =>
    Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
      mutants
        .filter(({ status }) => statuses.includes(status))
        .map(({ location, replacement = '', mutatorName }) => ({
          file,
          line: location.start.line,
          original: oneLine(textAt(source, location.start, location.end)),
          replacement: oneLine(replacement === '' ? mutatorName : replacement),
        })),
    );
  return {
    package: name,
    ...circumstances,
    killed: of('Killed').length,
    timeouts: of('Timeout'),
    survivors: of('Survived', 'NoCoverage'),
  };
}

/** What is reported of these places, `file` or `file:line:column-line:column`: a memory may hold more, of sources as they were. */
export function reportOn(places: readonly string[], report: StrykerReport): StrykerReport {
  const files = places.map((place) => {
    const [, file, first = 1, last = Infinity] = /^(.*?)(?::(\d+):\d+-(\d+):\d+)?$/.exec(place)!;
    return { file: file!, first: Number(first), last: Number(last) };
  });
  const kept = Object.entries(report.files).map(([name, file]) => {
    const ranges = files.filter((each) => each.file === name);
    const mutants = file.mutants.filter(({ location }) =>
      ranges.some(({ first, last }) => location.start.line >= first && location.end.line <= last),
    );
    return [name, { ...file, mutants }];
  });
  return { files: Object.fromEntries(kept) };
}

/** Changes that were noticed, of those that could be, in percent. A run that does not end is noticed. */
export function scoreOf({ killed, timeouts, survivors }: Result): number {
  const noticed = killed + timeouts.length;
  return (100 * noticed) / (noticed + survivors.length);
}

function textAt(source: string, start: Position, end: Position): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join('\n');
}

const LONGEST = 100;

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

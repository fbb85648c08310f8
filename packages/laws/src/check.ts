import type { KnownFailure, Laws } from './law.js';
import { literal } from './literal.js';
import type { Profile } from './profile.js';
import { runLaw, type LawReport } from './run-law.js';

/** `test` of vitest, node:test, jest, mocha's `it`, or anything alike. */
export type TestFunction = (name: string, body: () => void) => unknown;

/** A law that failed, or that failed to notice a planted bug. The message says what to look at. */
export class LawError extends Error {
  override readonly name: string = 'LawError';
  readonly report: LawReport;

  constructor(message: string, report: LawReport) {
    super(message);
    this.report = report;
  }
}

/**
 * Makes one test of every law: it must hold for its subject, and fail for each of its mutants.
 *
 * @example
 * import test from 'node:test';
 * check(opLaws(Square, { samples: [{ attrs: {}, inputs: [floats([2, 3])] }], … }), test);
 */
export function check(laws: Laws | readonly Laws[], test: TestFunction, profile: Partial<Profile> = {}): void {
  for (const { subject, laws: list, known = [] } of Array.isArray(laws) ? (laws as readonly Laws[]) : [laws as Laws]) {
    const names = new Set<string>();
    for (const law of list) {
      if (names.has(law.name)) throw new Error(`${subject}: two laws are named '${law.name}'`);
      names.add(law.name);
      const failure = known.find((k) => k.law === law.name);
      const name = `${subject}: ${law.name}`;
      test(failure === undefined ? name : `${name} (known failure: ${failure.reason})`, () => {
        judge(subject, runLaw(law, failure === undefined ? profile : { ...profile, mutants: false }), failure);
      });
    }
    const missing = known.find((k) => !names.has(k.law));
    if (missing !== undefined) {
      throw new Error(
        `${subject}: '${missing.law}' is declared a known failure, but is none of its laws (${[...names].join('; ')})`,
      );
    }
  }
}

/**
 * Runs one law on one case, without its mutants: what a failure prints as `again`.
 *
 * @param name `subject: law`
 */
export function repeat(laws: Laws | readonly Laws[], name: string, example: unknown): void {
  const all = (Array.isArray(laws) ? (laws as readonly Laws[]) : [laws as Laws]).flatMap(({ subject, laws: list }) =>
    list.map((law) => [`${subject}: ${law.name}`, law] as const),
  );
  const found = all.find(([each]) => each === name);
  if (found === undefined)
    throw new Error(`there is no law '${name}'; there are ${all.map(([each]) => `'${each}'`).join(', ')}`);
  found[1].holds(found[1].subject, example);
}

/** Throws a {@link LawError} unless the report is what it should be. */
export function judge(subject: string, report: LawReport, known?: KnownFailure): void {
  const { law, failure, mutants } = report;
  if (known !== undefined) {
    if (failure === null) {
      throw new LawError(
        `${subject}: '${law.name}' holds, though it is declared a known failure (${known.reason}); remove the declaration`,
        report,
      );
    }
    return;
  }
  if (failure !== null) throw new LawError(describeFailure(subject, report), report);
  const survived = mutants.filter((m) => m.fate === 'survived');
  if (survived.length > 0) {
    const list = survived
      .map((m) => `  '${m.name}' survived ${m.cases} ${m.cases === 1 ? 'case' : 'cases'}`)
      .join('\n');
    throw new LawError(
      `${subject}: '${law.name}' holds, but does not notice a planted bug\n${list}\n${footer(report)}`,
      report,
    );
  }
  if (law.mutants.length === 0 || (mutants.length > 0 && mutants.every((m) => m.fate === 'idle'))) {
    const list = law.mutants.map((m) => m.name).join(', ') || 'it names none';
    throw new LawError(
      `${subject}: '${law.name}' kills no planted bug (${list}): it may say nothing about these samples\n${footer(report)}`,
      report,
    );
  }
}

function describeFailure(subject: string, report: LawReport): string {
  const { law, failure } = report;
  const { error, example, resembles } = failure!;
  return [
    `${subject}: ${law.name}`,
    `  law      ${law.statement}`,
    `  formula  ${law.formula}`,
    `  found    ${indent(error.name === 'Violation' ? error.message : (error.stack ?? String(error)))}`,
    ...resembles.map((name) => `  like     the planted bug '${name}'`),
    ...(law.show === undefined ? [] : [`  case     ${indent(law.show(example))}`]),
    `  again    ${again(`${subject}: ${law.name}`, example)}`,
    footer(report),
  ].join('\n');
}

function footer({ seed, cases }: LawReport): string {
  return `  seed     ${seed} (LEMMATA_LAW_SEED=${seed} repeats it), ${cases} ${cases === 1 ? 'case' : 'cases'}`;
}

/** A case that is longer than this is found again by its seed alone. */
const MOST_LETTERS = 4000;

function again(name: string, example: unknown): string {
  const call = `repeat(laws, ${JSON.stringify(name)}, ${literal(example)});`;
  return call.length <= MOST_LETTERS ? call : `(the case has ${call.length} letters: by its seed, with as many cases)`;
}

function indent(text: string): string {
  return text.split('\n').join('\n           ');
}

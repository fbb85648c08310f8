import { runLaw, type LawFailure, type Profile } from '@lemmata/laws';
import { statusOf, type Cell } from './cell.js';
import { lawsOf, type Source } from './inventory.js';

/** A subject of a source, by number. */
export interface Unit {
  readonly source: Source;
  readonly index: number;
}

/** Whether a law of a subject is asked for: by the name of its item, its subject, or `subject: law`. */
export function asked(only: string | undefined, item: string, subject: string, law: string): boolean {
  return (
    only === undefined ||
    only === item ||
    only === subject ||
    only === `${subject}: ${law}` ||
    item.startsWith(`${only}/`)
  );
}

/** Runs the laws of a subject. `now` tells milliseconds. */
export async function runUnit(
  { source, index }: Unit,
  profile: Partial<Profile>,
  only: string | undefined,
  now: () => number,
): Promise<Cell[]> {
  const { subject, kind = 'own', laws, known = [] } = (await lawsOf(source))[index]!;
  return laws
    .filter((law) => asked(only, source.item, subject, law.name))
    .map((law): Cell => {
      const declared = known.find((each) => each.law === law.name);
      const start = now();
      const report = runLaw(law, profile);
      const reason = declared?.reason ?? (report.failure && reasonOf(report.failure));
      return {
        item: source.item,
        subject,
        kind,
        law: law.name,
        statement: law.statement,
        formula: law.formula,
        status: statusOf(report, declared !== undefined),
        cases: report.cases,
        seed: report.seed,
        worst: report.worst,
        mutants: report.mutants.map(({ name, fate, cases }) => ({ name, fate, cases })),
        milliseconds: Math.round(now() - start),
        ...(reason === null ? {} : { reason }),
      };
    });
}

function reasonOf({ error, resembles }: LawFailure): string {
  return [error.message, ...resembles.map((name) => `like the planted bug '${name}'`)].join('; ');
}

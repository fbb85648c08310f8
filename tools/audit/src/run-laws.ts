import { runLaw, type LawFailure, type LawReport, type Profile } from '@lemmata/laws';
import { statusOf, type Cell } from './cell.js';
import { onKernel } from './evidence.js';
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

/** Runs the laws of a subject; with kernels, those of an op that has one. `now` tells milliseconds. */
export async function runUnit(
  { source, index }: Unit,
  profile: Partial<Profile>,
  only: string | undefined,
  now: () => number,
  kernels: Kernels | null = null,
): Promise<Cell[]> {
  const found = (await lawsOf(source))[index]!;
  if (kernels !== null && (found.kind !== 'op' || !kernels.ops.has(found.subject))) return [];
  const { laws, known = [] } = found;
  const subject = kernels === null ? found.subject : onKernel(found.subject);
  const kind = kernels === null ? (found.kind ?? 'own') : 'kernel';
  return laws
    .filter((law) => asked(only, source.item, subject, law.name))
    .map((law): Cell => {
      const declared = known.find((each) => each.law === law.name);
      const start = now();
      const report = kernels === null ? runLaw(law, profile) : guarded(kernels, () => runLaw(law, profile));
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
        kinks: report.kinks,
        mutants: report.mutants.map(({ name, fate, cases }) => ({ name, fate, cases })),
        milliseconds: Math.round(now() - start),
        ...(reason === null ? {} : { reason }),
      };
    });
}

function reasonOf({ error, resembles }: LawFailure): string {
  return [error.message, ...resembles.map((name) => `like the planted bug '${name}'`)].join('; ');
}

/** Kernels that stand in the place of the reference. */
export interface Kernels {
  /** Names of the ops that they compute. */
  readonly ops: ReadonlySet<string>;
  /** Throws if they have written where they must not. */
  checkGuards(): void;
}

/** What a law reports, or that memory beside the arrays was written to, which no comparison sees. */
function guarded(kernels: Kernels, run: () => LawReport): LawReport {
  const report = run();
  try {
    kernels.checkGuards();
    return report;
  } catch (error) {
    return { ...report, failure: { example: undefined, error: error as Error, shrinks: 0, resembles: [] } };
  }
}

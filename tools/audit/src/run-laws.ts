import { runLaw, type LawFailure, type LawReport, type Profile } from '@lemmata/laws';
import { nameOf, statusOf, type Cell, type LeftOutCell } from './cell.js';
import { onKernel } from './evidence.js';
import { lawsOf, type Source } from './inventory.js';

/** A subject of a source, by number. */
export interface Unit {
  readonly source: Source;
  readonly index: number;
}

/** Whether a law of a subject is asked for: by the name of its item, its subject, `subject: law`, or `item subject: law`. */
export function asked(only: string | undefined, item: string, subject: string, law: string): boolean {
  return (
    only === undefined ||
    only === item ||
    only === subject ||
    only === `${subject}: ${law}` ||
    only === nameOf({ item, subject, law }) ||
    item.startsWith(`${only}/`)
  );
}

/** Whether any law of a subject is asked for, on the reference or on kernels. */
export async function isAsked({ source, index }: Unit, only: string | undefined): Promise<boolean> {
  const { subject, laws } = (await lawsOf(source))[index]!;
  return laws.some(({ name }) => [subject, onKernel(subject)].some((each) => asked(only, source.item, each, name)));
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
      // A law that fails without a bug fails with each: that it does says nothing.
      const settings = declared === undefined ? profile : { ...profile, mutants: false };
      const report = kernels === null ? runLaw(law, settings) : guarded(kernels, () => runLaw(law, settings));
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

/** What a source leaves out, and why; with kernels, of ops that have one. */
export async function leftOutOf({ source, index }: Unit, kernels: ReadonlySet<string> | null): Promise<LeftOutCell[]> {
  const { kind = 'own', subject, leftOut = [] } = (await lawsOf(source))[index]!;
  if (kernels !== null && (kind !== 'op' || !kernels.has(subject))) return [];
  const where =
    kernels === null ? { kind, subject } : ({ kind: 'kernel', subject: onKernel(subject) } satisfies Partial<Cell>);
  return leftOut.map(({ law, reason }) => ({ item: source.item, ...where, law, reason }));
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

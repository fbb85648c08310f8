import type { LawReport, MutantReport, SubjectKind, WorstErrors } from '@lemmata/laws';

/** One law applied to one subject: what was found, as plain data. */
export interface Cell {
  readonly item: string;
  readonly subject: string;
  /** `kernel`: a kernel of WebAssembly, or an op whose laws were run on it. */
  readonly kind: SubjectKind;
  readonly law: string;
  readonly statement: string;
  readonly formula: string;
  /**
   * `held`; `failed`; `empty`: it says nothing, for it ran no case or no planted bug could be planted; `survived`: it held
   * for a planted bug, too; `known`: it fails, as declared, with the reason.
   */
  readonly status: 'held' | 'failed' | 'empty' | 'survived' | 'known';
  readonly cases: number;
  readonly seed: number;
  readonly worst: WorstErrors | null;
  /** Differences left out at kinks that cases did not avoid by their construction. */
  readonly kinks: number;
  readonly mutants: readonly Pick<MutantReport, 'name' | 'fate' | 'cases'>[];
  readonly milliseconds: number;
  /** Why, where it did not hold. */
  readonly reason?: string;
}

export function statusOf(report: LawReport, knownFailure: boolean): Cell['status'] {
  if (report.failure !== null) return knownFailure ? 'known' : 'failed';
  // A declared failure that holds is a declaration that is not true.
  if (knownFailure) return 'failed';
  if (report.cases === 0 || report.mutants.every(({ fate }) => fate === 'idle')) return 'empty';
  return report.mutants.some(({ fate }) => fate === 'survived') ? 'survived' : 'held';
}

/** A general law that is not applied to a subject, and why. */
export interface LeftOutCell extends Pick<Cell, 'item' | 'subject' | 'kind' | 'law'> {
  readonly reason: string;
}

/** What names a cell, and no other. */
export function nameOf({ item, subject, law }: Pick<Cell, 'item' | 'subject' | 'law'>): string {
  return `${item} ${subject}: ${law}`;
}

/** The words that repeat a cell of an audit of this profile. */
export function commandOf(cell: Pick<Cell, 'item' | 'subject' | 'law' | 'seed'>, profile: string): string {
  const thorough = profile === 'quick' ? '' : `--profile ${profile} `;
  return `LEMMATA_LAW_SEED=${cell.seed} npm run audit -- ${thorough}--only '${nameOf(cell).replaceAll("'", String.raw`'\''`)}'`;
}

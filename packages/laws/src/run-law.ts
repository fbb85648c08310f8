import * as fc from 'fast-check';
import type { Law, Mutant } from './law.js';
import { measured, type WorstErrors } from './meter.js';
import { readProfile, type Profile } from './profile.js';
import { suspects } from './suspects.js';

/** What became of one planted bug. */
export interface MutantReport {
  readonly name: string;
  /** `idle`: it could not be planted, or changed nothing in any case. `survived`: it changed something and the law held. */
  readonly fate: 'killed' | 'survived' | 'idle';
  /** Cases until the law noticed. */
  readonly cases: number;
  /** How it was noticed. */
  readonly message: string | null;
}

export interface LawFailure<C = any> {
  /** The smallest failing case that was found. */
  readonly example: C;
  readonly error: Error;
  readonly shrinks: number;
  /** Names of the law's planted bugs that look like what is wrong. */
  readonly resembles: readonly string[];
}

export interface LawReport {
  readonly law: Law;
  readonly seed: number;
  readonly cases: number;
  /** The largest errors that its comparisons saw; null where it compares no numbers. */
  readonly worst: WorstErrors | null;
  /** Differences left out at kinks that cases did not avoid by their construction. */
  readonly kinks: number;
  readonly failure: LawFailure | null;
  readonly mutants: readonly MutantReport[];
}

/** Runs a law on its subject, then on every mutant of it. Throws nothing: see the report. */
export function runLaw(law: Law, profile: Partial<Profile> = {}): LawReport {
  const { runs: ordinary, searchRuns, seed, mutants } = { ...readProfile(), ...profile };
  const runs = law.search ? searchRuns : ordinary;
  let honest: Exploration = { cases: 0, failure: null };
  const { worst, kinks } = measured(() => {
    honest = explore(law, law.subject, runs, seed, true);
  });
  const reports = mutants ? law.mutants.map((mutant) => hunt(law, mutant, runs, seed)) : [];
  const failure = honest.failure && { ...honest.failure, resembles: suspects(law, honest.failure.example, seed) };
  return { law, seed, cases: honest.cases, worst, kinks, failure, mutants: reports };
}

function hunt(law: Law, mutant: Mutant<any>, runs: number, seed: number): MutantReport {
  let bitten = false;
  const planted = mutant.plant(law.subject, () => {
    bitten = true;
  });
  if (planted === null) return { name: mutant.name, fate: 'idle', cases: 0, message: null };
  const { cases, failure } = explore(law, planted, runs, seed, false);
  if (failure !== null) return { name: mutant.name, fate: 'killed', cases, message: failure.error.message };
  return { name: mutant.name, fate: mutant.conditional && !bitten ? 'idle' : 'survived', cases, message: null };
}

interface Exploration {
  readonly cases: number;
  readonly failure: Omit<LawFailure, 'resembles'> | null;
}

function explore(law: Law, subject: unknown, runs: number, seed: number, shrink: boolean): Exploration {
  const sources = (Array.isArray(law.cases) ? law.cases : [law.cases]) as readonly fc.Arbitrary<unknown>[];
  const numRuns = law.once ? 1 : Math.ceil(runs / (law.cost ?? 1) / sources.length);
  let cases = 0;
  for (const source of sources) {
    const result = fc.check(
      fc.property(source, (example) => void law.holds(subject, example)),
      { seed, numRuns, endOnFailure: !shrink, ignoreEqualValues: false, includeErrorInReport: false } as fc.Parameters<
        [unknown]
      >,
    );
    cases += result.numRuns;
    if (result.failed) {
      const error =
        result.errorInstance instanceof Error
          ? result.errorInstance
          : new Error(String(result.errorInstance ?? 'no case could be made'));
      return { cases, failure: { example: result.counterexample?.[0], error, shrinks: result.numShrinks } };
    }
  }
  return { cases, failure: null };
}

import type { Arbitrary } from 'fast-check';
import type { SearchSamples } from './search/samples.js';

/** A bug on purpose: what a law must notice. */
export interface Mutant<S> {
  /** What is wrong, as one would say it: "gradient 1 % too large". */
  readonly name: string;
  /**
   * The subject with the bug, or null where it cannot be planted. A bug that depends on the case calls `bites` whenever
   * it changes what the subject does.
   */
  plant(subject: S, bites: () => void): S | null;
  /** A bug that may change nothing at all (a transposed gradient of one element): it counts once it has bitten. */
  readonly conditional?: true;
  /** Made twice it is as made once (a mean removed, a gradient dropped): so it is recognised in a subject that has it already. */
  readonly idempotent?: true;
}

/**
 * Something that is true of a subject (an op, a layer, a function) for every case, with the bugs that it must notice.
 * `C` is plain data, so that a case that fails can be shrunk and printed.
 */
export interface Law<S = any, C = any> {
  readonly name: string;
  /** The law in words. */
  readonly statement: string;
  /** The law in symbols. */
  readonly formula: string;
  readonly subject: S;
  /** Where the cases come from. Of several, each gets its share: nothing on a list is left to chance. */
  readonly cases: Arbitrary<C> | readonly Arbitrary<C>[];
  /** Throws where the law is broken, best a {@link Violation}. The errors that its comparisons see are measured. */
  holds(subject: S, example: C): void;
  /** At least one of them must apply, and every one that does must make the law fail. */
  readonly mutants: readonly Mutant<S>[];
  /** A case as code that can be pasted into a test. Default: a call that repeats the law on it. */
  show?(example: C): string;
  /** How many times dearer a case is than an ordinary one: it gets so many times fewer. Default 1. */
  readonly cost?: number;
  /** One case of each source says it all. */
  readonly once?: true;
  /** A search through many options, and what it draws from: it gets the cases of a search, whatever its cost. */
  readonly search?: SearchSamples<any>;
}

/** What a subject is: it decides which laws are general, and which the subject's own. */
export type SubjectKind = 'op' | 'kernel' | 'layer' | 'own';

/** The laws of one subject. */
export interface Laws {
  /** Default `own`: all of its laws are its own. */
  readonly kind?: SubjectKind;
  /** Heads the names of the tests. */
  readonly subject: string;
  readonly laws: readonly Law[];
  /** Laws that are known not to hold. */
  readonly known?: readonly KnownFailure[];
  /** General laws that do not concern the subject, each with the reason: what is neither applied nor here was forgotten. */
  readonly leftOut?: readonly LeftOut[];
}

/** A general law that is not applied to a subject, and why. */
export interface LeftOut {
  /** Name of the law. */
  readonly law: string;
  readonly reason: string;
}

/** A law that does not hold, and why. It is run all the same, and reported once it passes. */
export interface KnownFailure {
  /** Name of the law. */
  readonly law: string;
  readonly reason: string;
}

/** General laws as they concern a subject, each with its name and the reason where it does not. */
export function chosen(
  ...choices: readonly (readonly [law: Law | false, name?: string, reason?: string | undefined])[]
): Required<Pick<Laws, 'laws' | 'leftOut'>> {
  return {
    laws: choices.flatMap(([law]) => (law === false ? [] : [law])),
    leftOut: choices.flatMap(([law, name, reason]) =>
      law === false && name !== undefined && reason !== undefined ? [{ law: name, reason }] : [],
    ),
  };
}

/** Those of the laws that have such names; the others are left out for a reason. */
export function keepLaws(laws: Laws, names: RegExp, reason: string): Laws {
  const kept = laws.laws.filter(({ name }) => names.test(name));
  const others = laws.laws.filter((law) => !kept.includes(law));
  return {
    ...laws,
    laws: kept,
    leftOut: [...(laws.leftOut ?? []), ...others.map(({ name }) => ({ law: name, reason }))],
  };
}

/** Several collections about one subject as one. */
export function allLaws(subject: string, ...parts: readonly Laws[]): Laws {
  return { subject, laws: parts.flatMap((part) => part.laws), known: parts.flatMap((part) => part.known ?? []) };
}

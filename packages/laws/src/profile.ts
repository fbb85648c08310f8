/** How thoroughly laws are run. */
export interface Profile {
  /** Cases a law. Default 30, or the environment variable `LEMMATA_LAW_RUNS`. */
  readonly runs: number;
  /** Cases a law that searches through options. Default 100, or the environment variable `LEMMATA_SEARCH_RUNS`. */
  readonly searchRuns: number;
  /** Cases follow from it alone. Default 1, or the environment variable `LEMMATA_LAW_SEED`. */
  readonly seed: number;
  /** Whether the planted bugs are run too. Default true; `LEMMATA_LAW_MUTANTS=0` leaves them out. */
  readonly mutants: boolean;
}

interface WithEnvironment {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
}

/** The profile that the environment asks for. */
export function readProfile(): Profile {
  const environment = (globalThis as WithEnvironment).process?.env ?? {};
  return {
    runs: integer(environment, 'LEMMATA_LAW_RUNS', 30, 1),
    searchRuns: integer(environment, 'LEMMATA_SEARCH_RUNS', 100, 1),
    seed: integer(environment, 'LEMMATA_LAW_SEED', 1, -0x80000000),
    mutants: environment['LEMMATA_LAW_MUTANTS'] !== '0',
  };
}

function integer(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  otherwise: number,
  least: number,
): number {
  const text = environment[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 0x7fffffff) {
    throw new RangeError(`${name} must be an integer from ${least} to 2147483647, received '${text}'`);
  }
  return value;
}

import { OptionError, unknownOptions } from '@lemmata/shape';

/** What an option may be. */
export interface Rule<T> {
  /** What it is where it is not given; undefined: it must be given. */
  readonly otherwise: T | undefined;
  /** As a message says it, behind the name: 'must be a positive integer'. */
  readonly says: string;
  holds(value: unknown): boolean;
}

type Settled<R extends Readonly<Record<string, Rule<any>>>> = {
  readonly [N in keyof R]: R[N] extends Rule<infer T> ? T : never;
};

/**
 * Options with their defaults, each held to its rule.
 *
 * @throws OptionError listing unknown options, or every value that breaks its rule.
 */
export function settle<R extends Readonly<Record<string, Rule<any>>>>(
  op: string,
  options: object,
  rules: R,
): Settled<R> {
  const names = Object.keys(rules);
  unknownOptions(op, options, names);
  // Whoever must give some may have given none, in plain JavaScript.
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  const values = names.map((name) => [name, given[name] === undefined ? rules[name]!.otherwise : given[name]] as const);
  const reasons = values
    .filter(([name, value]) => !rules[name]!.holds(value))
    .map(([name, value]) => `${name} ${rules[name]!.says}, received ${show(value)}`);
  if (reasons.length > 0) throw new OptionError(op, reasons);
  return Object.fromEntries(values) as Settled<R>;
}

export function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

const rule = <T>(otherwise: T | undefined, says: string, holds: (value: any) => boolean): Rule<T> => ({
  otherwise,
  says,
  holds,
});

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

/** A positive integer. */
export const count = (otherwise?: number): Rule<number> => rule(otherwise, 'must be a positive integer', isCount);

/** An integer from 0. */
export const natural = (otherwise?: number): Rule<number> =>
  rule(otherwise, 'must be a non-negative integer', (value) => Number.isSafeInteger(value) && value >= 0);

/** Positive integers, at least one. */
export const counts = (otherwise?: readonly number[]): Rule<readonly number[]> =>
  rule(
    otherwise,
    'must be a list of positive integers',
    (value) => Array.isArray(value) && value.length > 0 && value.every(isCount),
  );

/** A finite number above 0. */
export const positive = (otherwise?: number): Rule<number> =>
  rule(otherwise, 'must be a finite number above 0', (value) => Number.isFinite(value) && value > 0);

/** A probability that leaves something. */
export const share = (otherwise?: number): Rule<number> =>
  rule(otherwise, 'must be from 0 to below 1', (value) => typeof value === 'number' && value >= 0 && value < 1);

export const flag = (otherwise?: boolean): Rule<boolean> =>
  rule(otherwise, 'must be true or false', (value) => typeof value === 'boolean');

/** One of a list, or a member of a table by its name. */
export const oneOf = <T>(choices: readonly T[], otherwise?: T): Rule<T> =>
  rule(otherwise, `is one of ${choices.join(', ')}`, (value) => choices.includes(value));

/** [C, H, W] */
export const imageShapeRule = (otherwise?: readonly number[]): Rule<readonly number[]> =>
  rule(
    otherwise,
    'must be [channels, rows, columns]',
    (value) => Array.isArray(value) && value.length === 3 && value.every(isCount),
  );

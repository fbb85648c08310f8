import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { checkRate, constant, type Schedule } from './schedule.js';

/** One option of an optimiser. */
export interface Option<Given, Settled = Given> {
  readonly otherwise: Given;
  /** What is wrong with a value, or null. */
  check(name: string, value: Given): string | null;
  /** The value as the rule reads it. Default: as given. */
  settle?(value: Given): Settled;
}

/** The options of an optimiser, by name. */
export type Options = Readonly<Record<string, Option<any, any>>>;

/** The values of options after defaults were filled in. */
export type Settled<T extends Options> = {
  readonly [K in keyof T]: T[K] extends Option<any, infer V> ? V : never;
};

/** A learning rate: a number or a schedule. It must be given where there is none otherwise. */
export function rate(otherwise?: number): Option<number | Schedule | undefined, Schedule> {
  return {
    otherwise,
    check: (name, value) =>
      value === undefined ? `${name} is missing` : typeof value === 'function' ? null : checkRate(name, value),
    settle: (value) => (typeof value === 'function' ? value : constant(value!)),
  };
}

/** A finite number from 0 on. */
export function atLeastZero(otherwise: number): Option<number> {
  return {
    otherwise,
    check: (name, value) =>
      Number.isFinite(value) && value >= 0
        ? null
        : `${name} must be a finite number of at least 0, received ${formatValue(value)}`,
  };
}

/** A number from 0 to 1, 1 included. */
export function fraction(otherwise: number): Option<number> {
  return {
    otherwise,
    check: (name, value) =>
      Number.isFinite(value) && value >= 0 && value <= 1
        ? null
        : `${name} must be from 0 to 1, received ${formatValue(value)}`,
  };
}

/** A number, or a function of the step: what a cycle may change. */
export type Scheduled = number | Schedule;

/** A momentum: a finite number from 0 on, or a schedule. */
export function momentum(): Option<Scheduled> {
  const number = atLeastZero(0);
  return { otherwise: 0, check: (name, value) => (typeof value === 'function' ? null : number.check(name, value)) };
}

/** The decay rates of two running averages: an average that forgets nothing (1) never starts. */
export function decays(otherwise: readonly [number, number]): Option<readonly [number, number]> {
  return { otherwise, check: (name, value) => checkDecays(name, value, false) };
}

/** {@link decays}, the first of which may be a schedule. */
export function scheduledDecays(otherwise: readonly [number, number]): Option<readonly [Scheduled, number]> {
  return { otherwise, check: (name, value) => checkDecays(name, value, true) };
}

function checkDecays(name: string, value: readonly unknown[], scheduled: boolean): string | null {
  const known =
    Array.isArray(value) &&
    value.length === 2 &&
    value.every(
      (beta, i) =>
        (scheduled && i === 0 && typeof beta === 'function') || (Number.isFinite(beta) && beta >= 0 && beta < 1),
    );
  return known ? null : `${name} must be two numbers from 0 to below 1, received ${formatValue(value)}`;
}

export function flag(otherwise: boolean): Option<boolean> {
  return {
    otherwise,
    check: (name, value) =>
      typeof value === 'boolean' ? null : `${name} must be true or false, received ${formatValue(value)}`,
  };
}

/** Fills in defaults. Throws an {@link OptionError} with everything that is wrong, each after `place`. */
export function settle<T extends Options>(op: string, table: T, given: object, place: string): Settled<T> {
  unknownOptions(op, given, Object.keys(table));
  const values = given as Readonly<Record<string, unknown>>;
  const reasons: string[] = [];
  const settled: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const value = values[name] === undefined ? option.otherwise : values[name];
    const reason = option.check(name, value);
    if (reason !== null) reasons.push(`${place}${reason}`);
    else settled[name] = option.settle === undefined ? value : option.settle(value);
  }
  if (reasons.length > 0) throw new OptionError(op, reasons);
  return settled as Settled<T>;
}

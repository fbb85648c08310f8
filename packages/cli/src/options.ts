import { resolve } from 'node:path';
import { UserError } from './failure.js';

/** A path as the user meant it: npm runs scripts in the root of the repository and leaves the user's folder in INIT_CWD. */
export function userPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}

/** An option that counts something. */
export function countOption(name: string, text: string | undefined, fallback: number, least: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
    throw new UserError(`--${name}: expected a whole number of at least ${least}, received '${text}'`);
  }
  return value;
}

/** An option that is a positive number. */
export function positiveOption(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new UserError(`--${name}: expected a positive number, received '${text}'`);
  return value;
}

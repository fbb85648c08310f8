import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearestName } from '@lemmata/shape';
import { UserError } from './failure.js';

/**
 * A path as the user meant it: npm runs scripts in the root of the repository and leaves the user's folder in INIT_CWD.
 *
 * @param what what errors call it: '--out'.
 * @throws UserError for an empty one, as a variable leaves it that is not set: it would be the user's folder itself.
 */
export function userPath(what: string, path: string): string {
  if (path === '') throw new UserError(`${what}: expected a path, received ''; give . for the folder that you are in`);
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

type Parsed<O extends NonNullable<ParseArgsConfig['options']>> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>;

/**
 * `parseArgs` of Node, with words besides options.
 *
 * @throws UserError for an unknown option, with the nearest known one; whatever else `parseArgs` throws.
 */
export function commandLine<const O extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: O,
): Parsed<O> {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /'(-[^']*)'/.exec(message)?.[1] : undefined;
    if (unknown === undefined) throw error;
    const names = Object.keys(options);
    const near = nearestName(unknown.replace(/^-+/, ''), names);
    const hint = near === undefined ? `there are --${names.join(', --')}` : `did you mean '--${near}'?`;
    throw new UserError(`unknown option '${unknown}'; ${hint}`, { cause: error });
  }
}

/** Something the user can mend: its message is shown without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** Errors of the libraries whose messages are written for users. */
const EXPECTED = ['UserError', 'DataError', 'FormatError', 'LoadError', 'ShapeError', 'OptionError', 'TrainingError'];

/**
 * Runs a command: what it returns is the exit code, and what it throws ends up on standard error with exit code 1,
 * by its message if it is written for users, with its stack otherwise.
 */
export async function command(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    const { name, message, stack } = error as Error & { code?: string };
    const expected = EXPECTED.includes(name) || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${expected ? `error: ${message}` : (stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a file where a folder should be',
  EISDIR: 'it is a folder',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'nothing can be written there',
  ENOSPC: 'there is no space left',
};

/** Why a file could not be read or written, in words and without its path, which the message around it names. */
export function because(cause: Error & { readonly code?: string | undefined }): string {
  return REASONS[cause.code ?? ''] ?? cause.message;
}

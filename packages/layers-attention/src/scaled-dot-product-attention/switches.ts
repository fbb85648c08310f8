import { formatValue, OptionError } from '@lemmata/shape';

/** @throws OptionError for options that are neither true nor false, all at once. */
export function checkSwitches(op: string, switches: Readonly<Record<string, unknown>>): void {
  const wrong = Object.entries(switches).filter(([, value]) => typeof value !== 'boolean');
  if (wrong.length === 0) return;
  throw new OptionError(
    op,
    wrong.map(([name, value]) => `${name} must be true or false, received ${formatValue(value)}`),
  );
}

import { formatValue } from '@lemmata/shape';
/** What is wrong with options that draw parameters: each must be a function (key, shape) → tensor, or left out. */
export function initialiserReasons(options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined && typeof value !== 'function')
    .map(
      ([name, value]) => `${name} must be an initialiser, a function of key and shape, received ${formatValue(value)}`,
    );
}

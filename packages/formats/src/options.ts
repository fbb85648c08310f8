/** Throws a TypeError naming the first key of `options` that `op` does not know. */
export function checkKeys(op: string, options: object, known: readonly string[]): void {
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) {
      throw new TypeError(`${op}: received unknown option '${option}'; expected one of ${known.join(', ')}`);
    }
  }
}

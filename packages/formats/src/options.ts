/** Throws a TypeError where `options` are no object, or naming the first key of theirs that `op` does not know. */
export function checkKeys(op: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `${op}: received options ${String(options)}; expected an object with any of ${known.join(', ')}`,
    );
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) {
      throw new TypeError(`${op}: received unknown option '${option}'; expected one of ${known.join(', ')}`);
    }
  }
}

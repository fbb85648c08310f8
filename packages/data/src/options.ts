/** Throws a TypeError where `options` are no object, or naming the first key of theirs that `op` does not know. */
export function checkKeys(op: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const received = Array.isArray(options) ? JSON.stringify(options) : String(options);
    throw new TypeError(`${op}: received options ${received}; expected an object with any of ${known.join(', ')}`);
  }
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) {
      throw new TypeError(`${op}: received unknown option '${option}'; expected one of ${known.join(', ')}`);
    }
  }
}

/** Throws a RangeError unless `value` is an integer of at least `least` and, where given, at most `most`. */
export function checkInteger(op: string, what: string, value: number, least: number, most?: number): void {
  if (!Number.isSafeInteger(value) || value < least || (most !== undefined && value > most)) {
    const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new RangeError(`${op}: received ${what} = ${String(value)}; expected an integer ${range}`);
  }
}

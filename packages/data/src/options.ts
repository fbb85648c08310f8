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

/** Throws a TypeError unless `bytes` are a Uint8Array, of any realm: of an ArrayBuffer, what `fetch` gives, nothing can be read. */
export function checkBytes(op: string, bytes: unknown): void {
  const kind = Object.prototype.toString.call(bytes).slice('[object '.length, -1);
  if (kind === 'Uint8Array') return;
  const fix = kind === 'ArrayBuffer' ? '. Give new Uint8Array(buffer)' : '';
  throw new TypeError(`${op}: received bytes of type ${kind}; expected a Uint8Array${fix}`);
}

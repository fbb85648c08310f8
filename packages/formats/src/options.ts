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

/** Throws a TypeError unless `bytes` are a Uint8Array, of any realm: of an ArrayBuffer, what `fetch` gives, nothing can be read. */
export function checkBytes(op: string, bytes: unknown): void {
  const kind = Object.prototype.toString.call(bytes).slice('[object '.length, -1);
  if (kind === 'Uint8Array') return;
  const fix = kind === 'ArrayBuffer' ? '. Give new Uint8Array(buffer)' : '';
  throw new TypeError(`${op}: received bytes of type ${kind}; expected a Uint8Array${fix}`);
}

/** The largest finite float32. */
export const MAX_FLOAT32: number = (2 - 2 ** -23) * 2 ** 127;

/** Throws unless `out` is a typed array of one of these kinds: another would wrap or cut what is written. */
export function checkArray(op: string, out: ArrayBufferView, ...kinds: readonly string[]): void {
  if (ArrayBuffer.isView(out) && kinds.includes(kindOf(out))) return;
  throw new TypeError(
    `${op}: writes to ${kinds.join(', ')}; received ${Object.prototype.toString.call(out).slice(8, -1)}`,
  );
}

/** True of a Float32Array, of this realm or another. */
export function isSingle(out: ArrayBufferView): boolean {
  return kindOf(out) === 'Float32Array';
}

function kindOf(out: ArrayBufferView): string {
  return (out as unknown as { readonly [Symbol.toStringTag]: string })[Symbol.toStringTag];
}

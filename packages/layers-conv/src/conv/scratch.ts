const arrays = new Map<string, Float64Array>();

/**
 * Float64 working memory under a name, with arbitrary contents, at least `length` long: it is there for the next call of
 * the same name, so that a training loop allocates once. Nothing may be kept in it from one op to the next.
 */
export function scratch(name: string, length: number): Float64Array {
  const known = arrays.get(name);
  if (known !== undefined && known.length >= length) return known;
  const grown = new Float64Array(length);
  arrays.set(name, grown);
  return grown;
}

/** Blocks start and end at multiples of this many bytes, a cache line. */
export const LINE = 64;

/**
 * The class of blocks for so many bytes: sizes grow in steps of an eighth to a quarter, so that a block is at most a
 * quarter larger than what it holds, and few classes serve all sizes.
 */
export function sizeClass(bytes: number): number {
  const lines = Math.max(1, Math.ceil(bytes / LINE));
  if (lines <= 4) return lines - 1;
  const exponent = 31 - Math.clz32(lines - 1);
  const step = 2 ** (exponent - 2);
  return 4 * (exponent - 1) + Math.ceil(lines / step) - 5;
}

/** The bytes of the blocks of a class. */
export function classBytes(sizeClass: number): number {
  if (sizeClass < 4) return (sizeClass + 1) * LINE;
  const exponent = Math.floor(sizeClass / 4) + 1;
  return ((sizeClass % 4) + 5) * 2 ** (exponent - 2) * LINE;
}

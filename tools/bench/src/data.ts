/**
 * `count` values in [low, high), the same on every side: the generator mulberry32, a 32-bit counter through a mixer
 * (Tommy Ettinger, public domain), which torch_peer.py computes on whole arrays.
 */
export function stream(seed: number, count: number, low = -1, high = 1): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0, state = seed | 0; i < count; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    values[i] = low + (high - low) * (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32);
  }
  return values;
}

/** Class labels of a batch. */
export function labels(count: number, classes = 10): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => (i * 7) % classes);
}

/** A mask of zeros and ones. */
export function mask(seed: number, count: number): Float32Array {
  return stream(seed, count).map((value) => (value > 0 ? 1 : 0));
}

/** Sum, and sum of magnitudes, in float64: the same for every order of the elements. */
export function fingerprint(values: ArrayLike<number>): number[] {
  let sum = 0;
  let magnitude = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    magnitude += Math.abs(values[i]!);
  }
  // The plain sum may nearly cancel: what it adds is the sign, measured against the magnitudes.
  return [magnitude, magnitude + sum];
}

/**
 * Arbitrary numbers in [−1, 1], of three decimal places and none of them 0, from a seed: upstream gradients and
 * directions. A mixing function on a counter (the finalizer of MurmurHash3); nothing statistical depends on it.
 */
export function noise(size: number, seed: number, stream: number = 0): Float64Array {
  const out = new Float64Array(size);
  const start = mix(seed ^ mix(stream + 0x9e3779b9));
  for (let i = 0; i < size; i++) {
    const bits = mix(start + Math.imul(i, 0x9e3779b9));
    out[i] = ((bits & 1 ? 1 : -1) * (1 + ((bits >>> 1) % 1000))) / 1000;
  }
  return out;
}

function mix(n: number): number {
  let h = n | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

import type { NdArray } from '@lemmata/laws';

/** What element i is normalised with, and which weight scales it. */
interface Places {
  readonly part: (i: number) => number;
  readonly channel: (i: number) => number;
  readonly eps: number;
}

/**
 * The gradients of ⟨u, y⟩ by x, weight and bias, y = (x − μ) r · weight + bias with r = 1 / √(σ² + ε), given μ and σ² of every part:
 * ∂yⱼ/∂xᵢ = r (δᵢⱼ − 1/n) − r³ (xⱼ − μ) (xᵢ − μ) / n, times the weight of j, entry by entry of the whole Jacobian. Without means the
 * spread is the mean square, and 1/n is not there.
 */
export function gradientsByJacobian(
  { part, channel, eps }: Places,
  x: NdArray,
  weight: NdArray,
  means: NdArray | null,
  spreads: NdArray,
  u: NdArray,
): NdArray[] {
  const dx = Array.from(x.data, () => 0);
  const dWeight = Array.from(weight.data, () => 0);
  const dBias = Array.from(weight.data, () => 0);
  const all = dx.map((_, i) => i);
  for (const j of all) {
    const together = all.filter((i) => part(i) === part(j));
    const n = together.length;
    const mean = means === null ? 0 : means.data[part(j)];
    const r = 1 / Math.sqrt(spreads.data[part(j)] + eps);
    const c = channel(j);
    for (const i of together) {
      const own = (i === j ? 1 : 0) - (means === null ? 0 : 1 / n);
      const across = (r ** 3 * (x.data[j] - mean) * (x.data[i] - mean)) / n;
      dx[i] += u.data[j] * weight.data[c] * (r * own - across);
    }
    dWeight[c] += u.data[j] * (x.data[j] - mean) * r;
    dBias[c] += u.data[j];
  }
  const outputs = [
    { shape: x.shape, data: dx },
    { shape: weight.shape, data: dWeight },
  ];
  return means === null ? outputs : [...outputs, { shape: weight.shape, data: dBias }];
}

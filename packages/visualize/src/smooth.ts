/**
 * Exponential moving average without the bias of its start: sₜ = w·sₜ₋₁ + (1 − w)·yₜ, s₀ = 0, shown as sₜ / (1 − wᵗ)
 * (the correction of Kingma & Ba, arXiv:1412.6980, §3). Non-finite values stay in place and do not enter the average.
 * @param weight w in [0, 1); 0 changes nothing.
 * @throws RangeError for a weight outside [0, 1).
 */
export function smooth(values: ArrayLike<number>, weight: number): number[] {
  if (!(weight >= 0 && weight < 1)) throw new RangeError(`smooth: weight is ${weight}, expected 0 ≤ weight < 1`);
  let sum = 0;
  let missing = 1;
  return Array.from(values, (v) => {
    if (!Number.isFinite(v)) return v;
    sum = weight * sum + (1 - weight) * v;
    missing *= weight;
    return sum / (1 - missing);
  });
}

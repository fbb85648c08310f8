/**
 * erf and erfc in float64, to about 1 ulp, by rational approximation on three intervals.
 *
 * Source: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631–637, with the
 * coefficients of his CALERF.
 */
const A = [
  3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3, 1.85777706184603153e-1,
];
const B = [2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];
const C = [
  5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2, 8.8195222124176909e2,
  1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3, 2.15311535474403846e-8,
];
const D = [
  1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
  4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];
const P = [
  3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
  6.58749161529837803e-4, 1.63153871373020978e-2,
];
const Q = [
  2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3,
];

const SMALL = 0.46875;

/** Numerator and denominator share the shape of the scheme: the last numerator coefficient leads. */
function ratio(x: number, numerator: readonly number[], denominator: readonly number[]): number {
  const n = denominator.length;
  let top = numerator[n] * x;
  let bottom = x;
  for (let i = 0; i < n - 1; i++) {
    top = (top + numerator[i]) * x;
    bottom = (bottom + denominator[i]) * x;
  }
  return (top + numerator[n - 1]) / (bottom + denominator[n - 1]);
}

/** erfc of y > {@link SMALL}. */
function tail(y: number): number {
  if (y > 27) return 0;
  let factor: number;
  if (y <= 4) factor = ratio(y, C, D);
  else {
    const inverse = 1 / (y * y);
    factor = (1 / Math.sqrt(Math.PI) - inverse * ratio(inverse, P, Q)) / y;
  }
  // y² in two parts, the first exact, so that e^(−y²) loses no digits to the rounding of the square.
  const head = Math.trunc(y * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(y - head) * (y + head)) * factor;
}

/** 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (y <= SMALL) return x * ratio(x * x, A, B);
  if (y !== y) return NaN;
  return x < 0 ? tail(y) - 1 : 1 - tail(y);
}

/** 1 − erf x, with full relative precision in its right tail. */
export function erfc(x: number): number {
  const y = Math.abs(x);
  if (y <= SMALL) return 1 - x * ratio(x * x, A, B);
  if (y !== y) return NaN;
  return x < 0 ? 2 - tail(y) : tail(y);
}

import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { Gelu, gelu, geluLayer, type GeluOptions } from './gelu.js';
import { elementwiseSearch } from '../search.laws.js';

/** The error function by its power series, which is exact to rounding for |x| ≤ 2. */
function erf(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const formula = ({ approximate }: { approximate: 'none' | 'tanh' }, x: number): number =>
  approximate === 'none'
    ? (x / 2) * (1 + erf(x / Math.SQRT2))
    : (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const values = uniform(-2, 2);

export const laws: readonly Laws[] = [
  opLaws(Gelu, {
    samples: [{ approximate: 'none' as const }, { approximate: 'tanh' as const }].map((attrs) => ({
      attrs,
      inputs: [floats([2, 3], values)],
    })),
    invalid: [],
    formula,
  }),
  layerLaws('geluLayer', {
    samples: [geluLayer(), geluLayer({ approximate: 'tanh' })].map((layer) => ({ layer, inputShape: [2, 3], values })),
  }),
  elementwiseSearch('gelu', {
    call: gelu,
    layer: geluLayer,
    // Far out it is x, or x times nothing.
    formula: (o, x) => (Math.abs(x) > 30 ? x * Number(x > 0) : formula({ approximate: 'none', ...o }, x)),
    range: 3,
    options: fc.constantFrom<GeluOptions[]>({}, { approximate: 'none' }, { approximate: 'tanh' }),
  }),
];

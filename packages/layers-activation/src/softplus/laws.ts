import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { Softplus, softplus, softplusLayer } from './softplus.js';
import { elementwiseSearch } from '../search.laws.js';

/** Away from the threshold, where the function jumps by ln(1 + e^−threshold) / β. */
const formula = ({ beta, threshold }: { beta: number; threshold: number }, x: number): number =>
  beta * x > threshold ? x : Math.log(1 + Math.exp(beta * x)) / beta;
const values = uniform(-2, 2, { avoid: [1.5] });

export const laws: readonly Laws[] = [
  opLaws(Softplus, {
    samples: [
      { beta: 1, threshold: 20 },
      { beta: 3, threshold: 4.5 },
      { beta: -0.5, threshold: 20 },
    ].map((attrs) => ({ attrs, inputs: [floats([2, 3], values)] })),
    invalid: [],
    formula,
  }),
  layerLaws('softplusLayer', {
    samples: [softplusLayer(), softplusLayer({ beta: 3 })].map((layer) => ({ layer, inputShape: [2, 3], values })),
  }),
  elementwiseSearch('softplus', {
    call: softplus,
    layer: softplusLayer,
    formula: (o, x) => formula({ beta: 1, threshold: 20, ...o }, x),
    options: fc.constantFrom<{ beta?: number; threshold?: number }[]>(
      {},
      { beta: 3, threshold: 4.5 },
      { beta: -0.5 },
      { threshold: 1 },
    ),
    avoid: ({ beta = 1, threshold = 20 }) => [threshold / beta],
  }),
];

import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { Hardtanh, hardtanh, hardtanhLayer } from './hardtanh.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = ({ min, max }: { min: number; max: number }, x: number): number => Math.min(Math.max(x, min), max);

export const laws: readonly Laws[] = [
  opLaws(Hardtanh, {
    samples: [
      { min: -1, max: 1 },
      { min: -0.5, max: 1.5 },
    ].map((attrs) => ({ attrs, inputs: [floats([2, 3], uniform(-2, 2, { avoid: [attrs.min, attrs.max] }))] })),
    invalid: [],
    formula,
  }),
  layerLaws('hardtanhLayer', {
    samples: [{ layer: hardtanhLayer(), inputShape: [2, 3], values: uniform(-2, 2, { avoid: [-1, 1] }) }],
  }),
  elementwiseSearch('hardtanh', {
    call: hardtanh,
    layer: hardtanhLayer,
    formula: (o, x) => formula({ min: -1, max: 1, ...o }, x),
    options: fc.constantFrom<{ min?: number; max?: number }[]>(
      {},
      { min: -2 },
      { min: 0, max: 0 },
      { min: -3, max: 4 },
    ),
    avoid: ({ min = -1, max = 1 }) => [min, max],
  }),
];

import * as fc from 'fast-check';
import { adaptiveSituations } from './adaptive.laws.js';
import { type Via, vias } from './search-space.laws.js';

/** How an adaptive pooling may be asked for, and what that comes to. */
export interface Adaptive {
  readonly via: Via;
  readonly outputSize: number | readonly (number | null)[];
  /** `[N, C, ...spatial]`, without N for one image. */
  readonly x: readonly number[];
  /** Spatial sizes of the output. */
  readonly output: readonly number[];
}

/** Any sizes, with one number for all axes and null for those that stay. */
export const adaptives: fc.Arbitrary<Adaptive> = fc
  .record({ s: adaptiveSituations, via: vias, keeps: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }) })
  .map(({ s: { x, y }, via, keeps }) => {
    const output = y.slice(2).map((n, i) => (keeps[i] ? x[i + 2] : n));
    const same = output.every((n) => n === output[0]);
    return {
      via,
      outputSize: same && !keeps[0] ? output[0] : output.map((n, i) => (keeps[i] ? null : n)),
      x: via === 'one' ? x.slice(1) : x,
      output,
    };
  });

import type { Laws } from '../law.js';
import { opLaws } from '../op/op-laws.js';
import type { CoreOp } from './entry.js';
import { elementwiseOps } from './elementwise.js';
import { indexingOps } from './indexing.js';
import { movementOps } from './movement.js';
import { randomOps } from './random.js';
import { recomputeLaws } from './recompute.js';
import { reductionOps } from './reductions.js';

/** The ops of the tensor core that have laws. */
export const coreOps: readonly CoreOp[] = [
  ...elementwiseOps,
  ...reductionOps,
  ...movementOps,
  ...indexingOps,
  ...randomOps,
];

/** Their laws, and those of transforms. */
export function coreLaws(): Laws[] {
  return [...coreOps.map(({ op, samples, executions }) => opLaws(op, samples, executions)), recomputeLaws];
}

import type { Laws } from '../law.js';
import { opLaws } from '../op/op-laws.js';
import type { CoreOp } from './entry.js';
import { elementwiseOps } from './elementwise.js';
import { indexingOps } from './indexing.js';
import { initialiserLaws } from './initialisers.js';
import { movementOps } from './movement.js';
import { randomOps } from './random.js';
import { recomputeLaws } from './recompute.js';
import { reductionOps } from './reductions.js';
import { parallelLaws, residualLaws } from './residual.js';

/** The ops of the tensor core that have laws. */
export const coreOps: readonly CoreOp[] = [
  ...elementwiseOps,
  ...reductionOps,
  ...movementOps,
  ...indexingOps,
  ...randomOps,
];

/** Their laws, and those of transforms, of initial weights, and of how layers are put side by side. */
export function coreLaws(): Laws[] {
  const ops = coreOps.map(({ op, samples }) => opLaws(op, samples));
  return [...ops, recomputeLaws, ...initialiserLaws, residualLaws, parallelLaws];
}

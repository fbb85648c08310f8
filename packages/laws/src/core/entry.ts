import type { OpDef } from '@lemmata/tensor';
import type { OpSamples } from '../sample.js';

/** An op of the tensor core with what its laws are made from. */
export interface CoreOp {
  readonly op: OpDef;
  readonly samples: OpSamples<any>;
}

export function core<A>(op: OpDef<A>, samples: OpSamples<A>): CoreOp {
  return { op, samples };
}

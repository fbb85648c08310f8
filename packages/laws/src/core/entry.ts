import type { OpDef } from '@lemmata/tensor';
import type { Execution } from '../op/compiled.js';
import type { OpSamples } from '../sample.js';

/** An op of the tensor core with what its laws are made from. */
export interface CoreOp {
  readonly op: OpDef;
  readonly samples: OpSamples<any>;
  readonly executions?: readonly Execution[];
}

export function core<A>(op: OpDef<A>, samples: OpSamples<A>, executions?: readonly Execution[]): CoreOp {
  return { op, samples, ...(executions === undefined ? {} : { executions }) };
}

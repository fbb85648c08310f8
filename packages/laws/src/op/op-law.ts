import type { OpDef } from '@lemmata/tensor';
import type { Law } from '../law.js';
import { opCases, showCase, type OpCase, type OpSamples } from '../sample.js';
import type { FloatType } from './calls.js';

/** What the laws of an op are made from. */
export interface OpContext {
  readonly op: OpDef;
  readonly samples: OpSamples<any>;
}

type Part = Pick<Law<OpDef, OpCase>, 'name' | 'statement' | 'formula' | 'holds' | 'mutants' | 'cost'> & {
  /** Which values the inputs have. Default `values`. */
  readonly from?: 'values' | 'exact';
  /** How a failing case is printed. Default float64. */
  readonly floatType?: FloatType;
};

/** A law about calls of an op. */
export function opLaw(
  { op, samples }: OpContext,
  { from = 'values', floatType = 'float64', ...part }: Part,
): Law<OpDef, OpCase> {
  return { ...part, subject: op, cases: opCases(samples, from), show: (example) => showCase(op, example, floatType) };
}

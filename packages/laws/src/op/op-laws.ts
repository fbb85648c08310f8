import * as fc from 'fast-check';
import { apply, isFloat, type OpDef } from '@lemmata/tensor';
import { chosen, type Laws } from '../law.js';
import { opCases, someSamples, type OpCase, type OpSamples } from '../sample.js';
import { adjointLaw } from './adjoint.js';
import { COMPILED, executionLaw, type Execution } from './compiled.js';
import { canDifferentiate, differentiable, isFloatType, pull, specOf, tensorsOf, upstreamOf } from './calls.js';
import { gradientLaw, linearUpstreamLaw } from './gradient.js';
import { lifetimeLaw } from './lifetime.js';
import { nanLaw } from './nan.js';
import { float32Law, oracleLaw } from './oracle.js';
import type { OpContext } from './op-law.js';
import { refusedSecondOrderLaw, secondOrderLaw } from './second-order.js';
import { invalidSamples, memoryLaw, refusalLaw, shapeLaw } from './shape.js';
import { nullUpstreamLaw, wantsLaw } from './upstream.js';
import { aliasLaw, deterministicLaw, untouchedLaw, viewsLaw } from './views.js';

/**
 * The laws that follow from an op's definition. Which ones depends on what it declares: gradients if it maps floats to
 * floats, exact adjoints where it is linear, layouts if it has a layout rule.
 *
 * `executions` are ways to run the op that must agree with calling it; compiled by default.
 *
 * @throws if there are no samples, an elementwise op comes without a formula, or an op of floats has no gradient and
 * does not say why.
 */
export function opLaws<A>(op: OpDef<A>, samples: OpSamples<A>, executions: readonly Execution[] = [COMPILED]): Laws {
  const context: OpContext = { op, samples };
  const some = someSamples(samples);
  if (some.length === 0) throw new Error(`${op.name}: opLaws needs at least one sample`);
  if (op.expr !== undefined && samples.formula === undefined && samples.oracle === undefined) {
    throw new Error(
      `${op.name}: an elementwise op needs a formula written apart from its expression; give { formula: (attrs, x) => … }`,
    );
  }
  const floatIn = some.some(({ inputs }) => inputs.some(({ dtype }) => isFloatType(dtype)));
  const followsFloat = some.some(({ inputs }) => inputs.some(({ dtype }) => dtype === 'float'));
  const outputs = some.map(({ attrs, inputs }) => op.infer(attrs, ...inputs.map((input) => specOf(input, 'float64'))));
  const floatOut = outputs.some((specs) => specs.some(({ dtype }) => isFloat(dtype)));
  const smooth = floatIn && floatOut && canDifferentiate(op);
  if (floatIn && floatOut && !canDifferentiate(op) && samples.notDifferentiable === undefined) {
    throw new Error(
      `${op.name}: it maps floats to floats and has neither vjp nor define; say why as { notDifferentiable: '…' }`,
    );
  }
  const able = some.map(
    ({ inputs }) => inputs.filter(({ dtype, constant }) => isFloatType(dtype) && constant !== true).length,
  );
  const varies = smooth && hasGradient(op, samples);
  const hasOracle = samples.oracle !== undefined;
  const mapsNone = 'it does not map floats to floats';
  const notSmooth = samples.notDifferentiable ?? mapsNone;
  const constant = smooth ? 'its gradient is 0 wherever it has one' : notSmooth;
  const derived = varies ? 'its gradient follows from its definition' : constant;
  return {
    kind: 'op',
    subject: op.name,
    ...chosen(
      [shapeLaw(context)],
      [
        invalidSamples(op, samples).length > 0 && refusalLaw(context),
        'refuses what is invalid',
        'it has no calls to refuse',
      ],
      [
        op.reference !== undefined && memoryLaw(context),
        'the reference writes all of its outputs and nothing else',
        'it has no loops: it is an expression, a rule of layout, or defined by other ops',
      ],
      [
        hasOracle && oracleLaw(context),
        'agrees with its oracle',
        samples.formula === undefined ? undefined : 'it has a formula',
      ],
      [
        !hasOracle && samples.formula !== undefined && oracleLaw(context),
        'agrees with its formula',
        op.expr === undefined ? 'it is no expression, element by element' : 'it has an oracle',
      ],
      [viewsLaw(context)],
      [op.alias !== undefined && aliasLaw(context), 'a view says what a copy would', 'it is no mere rule of layout'],
      [untouchedLaw(context)],
      [deterministicLaw(context)],
      [followsFloat && float32Law(context), 'float32 is close to float64', 'it takes no float of either precision'],
      [floatIn && floatOut && nanLaw(context), 'NaN in, NaN out', mapsNone],
      [smooth && gradientLaw(context), 'vjp is the derivative', notSmooth],
      [varies && linearUpstreamLaw(context), 'vjp is linear in the upstream', constant],
      [varies && op.vjp !== undefined && nullUpstreamLaw(context), 'a null upstream counts as zeros', derived],
      [
        varies && op.vjp !== undefined && able.some((n) => n > 1) && wantsLaw(context),
        'wants is respected',
        op.vjp === undefined ? derived : varies ? 'a single input has a gradient' : constant,
      ],
      [
        varies && op.linearIn !== undefined && adjointLaw(context),
        'the gradient is the adjoint',
        varies ? 'it is declared linear in no input' : constant,
      ],
      [
        varies && samples.refusesSecondOrder === undefined && secondOrderLaw(context),
        'vjp can be differentiated again',
        varies ? 'it refuses a second derivative' : constant,
      ],
      [
        varies &&
          samples.refusesSecondOrder !== undefined &&
          refusedSecondOrderLaw(context, samples.refusesSecondOrder),
      ],
      ...executions.map(
        (execution) =>
          [
            samples.sameCompiled === undefined && executionLaw(context, execution),
            `${execution.name} = eager`,
            samples.sameCompiled,
          ] as const,
      ),
      [lifetimeLaw(context)],
    ),
    ...(samples.known === undefined ? {} : { known: samples.known }),
  };
}

/** Whether any gradient of any sample is other than null: floor and sign have none anywhere. */
function hasGradient(op: OpDef, samples: OpSamples<any>): boolean {
  const cases = opCases(samples);
  return (Array.isArray(cases) ? cases : [cases]).some((source) =>
    fc.sample(source, { numRuns: 3, seed: 1 }).some((example) => passesGradient(op, example)),
  );
}

function passesGradient(op: OpDef, example: OpCase): boolean {
  try {
    const inputs = tensorsOf(example, 'float64');
    const outputs = apply(op, example.attrs, inputs);
    return pull(
      op,
      example.attrs,
      upstreamOf(outputs, 1),
      inputs,
      outputs,
      differentiable(example.inputs, inputs),
    ).some((g) => g !== null);
  } catch {
    // It is for the laws to say what is wrong.
    return true;
  }
}

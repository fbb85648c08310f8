import * as fc from 'fast-check';
import { apply, isFloat, type OpDef } from '@lemmata/tensor';
import type { Law, Laws } from '../law.js';
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
  const laws: (Law | false)[] = [
    shapeLaw(context),
    invalidSamples(op, samples).length > 0 && refusalLaw(context),
    op.reference !== undefined && memoryLaw(context),
    (samples.formula !== undefined || samples.oracle !== undefined) && oracleLaw(context),
    viewsLaw(context),
    op.alias !== undefined && aliasLaw(context),
    untouchedLaw(context),
    deterministicLaw(context),
    followsFloat && float32Law(context),
    floatIn && floatOut && nanLaw(context),
    smooth && gradientLaw(context),
    varies && linearUpstreamLaw(context),
    varies && op.vjp !== undefined && nullUpstreamLaw(context),
    varies && op.vjp !== undefined && able.some((n) => n > 1) && wantsLaw(context),
    varies && op.linearIn !== undefined && adjointLaw(context),
    varies &&
      (samples.refusesSecondOrder === undefined
        ? secondOrderLaw(context)
        : refusedSecondOrderLaw(context, samples.refusesSecondOrder)),
    ...executions.map((execution) => executionLaw(context, execution)),
    lifetimeLaw(context),
  ];
  return {
    kind: 'op',
    subject: op.name,
    laws: laws.filter((law) => law !== false),
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

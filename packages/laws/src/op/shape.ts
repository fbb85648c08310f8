import { sameShape, sizeOf } from '@lemmata/shape';
import {
  formatSpec,
  packedLayout,
  packedView,
  createArray,
  type OpDef,
  type Spec,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import type { Law, Mutant } from '../law.js';
import { showCase, someSamples, type InvalidSample, type OpCase, type OpSamples } from '../sample.js';
import { Violation } from '../violation.js';
import * as fc from 'fast-check';
import { specOf, tensorsOf, type FloatType } from './calls.js';
import { guarded } from './guard.js';
import { withReference, results } from './mutate.js';
import { oracleOutputs } from './oracle.js';
import { opLaw, type OpContext } from './op-law.js';

const ONE_MORE: Mutant<OpDef> = {
  name: 'infers one element too many along the last axis',
  plant: (op) => ({
    ...op,
    infer: (attrs, ...specs) => op.infer(attrs, ...specs).map((spec, k) => (k === 0 ? longer(spec) : spec)),
  }),
};

function longer(spec: Spec): Spec {
  const { shape } = spec;
  return { ...spec, shape: shape.length === 0 ? [2] : [...shape.slice(0, -1), shape[shape.length - 1] + 1] };
}

/** Inferred = produced, for shapes and dtypes. */
export function shapeLaw(context: OpContext): Law<OpDef, OpCase> {
  const { samples } = context;
  return opLaw(context, {
    name: 'infers what it produces',
    statement:
      'The inferred shapes and dtypes are those that come out: of the definition, of the layout rule, of the oracle; ' +
      'and the reference fills exactly that many elements.',
    formula: 'infer(attrs, specs) = spec(f(x))',
    mutants: [ONE_MORE],
    holds(op, example) {
      const expected = oracleOutputs(samples, example);
      for (const floatType of ['float64', 'float32'] as const) {
        const inputs = tensorsOf(example, floatType);
        const inferred = op.infer(example.attrs, ...inputs.map((t) => t.spec));
        const expectSpec = (what: string, received: Spec | undefined, k: number): void => {
          const claimed = inferred[k];
          if (
            received === undefined ||
            claimed === undefined ||
            received.dtype !== claimed.dtype ||
            !sameShape(received.shape, claimed.shape)
          ) {
            throw new Violation({
              what,
              received: claimed && formatSpec(claimed),
              expected: received && formatSpec(received),
              source: 'what is produced',
            });
          }
        };
        if (op.expr !== undefined)
          inferred.forEach((spec, k) => expectSpec(`inferred output ${k}`, { ...spec, shape: inputs[0].shape }, k));
        if (op.define !== undefined)
          op.define(example.attrs, ...inputs).forEach((t, k) => expectSpec(`inferred output ${k}`, t.spec, k));
        if (op.alias !== undefined) {
          const moved = op.alias(example.attrs, packedLayout(inputs[0].shape));
          if (moved !== null) expectSpec('inferred output 0', { shape: moved.shape, dtype: inputs[0].dtype }, 0);
        }
        if (op.reference !== undefined) expectFilled(op, example, inferred, floatType);
        expected?.forEach(({ shape }, k) =>
          expectSpec(`inferred output ${k}`, { ...(inferred[k] ?? inferred[0]), shape }, k),
        );
      }
    },
  });
}

/** Runs the reference on guarded memory with two different contents; throws unless it writes all of its outputs and stays inside. */
function expectFilled(op: OpDef, example: OpCase, inferred: readonly Spec[], floatType: FloatType): void {
  const run = (poison: number, guard: typeof guarded): TypedArray[] => {
    const inputs = example.inputs.map((input) => {
      const spec = specOf(input, floatType);
      const data = createArray(spec.dtype, sizeOf(spec.shape));
      data.set(input.values);
      return guard(packedView(spec, data), op.name, 'input');
    });
    const arrays = inferred.map((spec) => createArray(spec.dtype, sizeOf(spec.shape)).fill(poison));
    op.reference!(
      example.attrs,
      inputs,
      inferred.map((spec, k) => guard(packedView(spec, arrays[k]), op.name, 'output')),
    );
    return arrays;
  };
  const [a, b] = [113, 77].map((poison) => {
    try {
      return run(poison, guarded);
    } catch (error) {
      if (error instanceof Violation) throw error;
      // What the reference calls may insist on a real typed array: then only what is written can be seen.
      return run(poison, (view) => view);
    }
  });
  a.forEach((data, k) => {
    const at = data.findIndex((v: number, i: number) => !Object.is(v, b[k][i]));
    if (at >= 0)
      throw new Violation({
        what: `output ${k} (${formatSpec(inferred[k])}), element ${at}`,
        received: 'what was in memory before',
        expected: 'a value',
      });
  });
}

/** What the reference writes and where it reads. */
export function memoryLaw(context: OpContext): Law<OpDef, OpCase> {
  const spoil = (
    name: string,
    spoiled: (inputs: readonly View[], outputs: readonly View[], before: readonly TypedArray[]) => void,
  ): Mutant<OpDef> => ({
    name,
    conditional: true,
    plant: (op, bites) =>
      withReference(op, (attrs, inputs, outputs) => {
        const before = outputs.map((o) => o.data.slice());
        results(
          op,
          attrs,
          inputs.map((v) => ({ ...v, data: v.data.slice() })),
        ).forEach((data, k) => outputs[k].data.set(data));
        if (outputs[0].data.length > 0 && inputs[0].data.length > 0) bites();
        spoiled(inputs, outputs, before);
      }),
  });
  return opLaw(context, {
    name: 'the reference writes all of its outputs and nothing else',
    statement:
      'Every output element is written, whatever was in memory before; nothing outside of inputs and outputs is read or written.',
    formula: 'f(x) from memory m = f(x) from memory m′',
    mutants: [
      spoil('the last element is not written', (_inputs, [out], [before]) => {
        const last = out.data.length - 1;
        if (last >= 0) out.data[last] = before[last];
      }),
      spoil('reads one element past the end', ([x]) => void (x && x.data[x.data.length])),
      spoil('writes one element past the end', (_inputs, [out]) => {
        const data = out.data as { [index: number]: number; readonly length: number };
        data[data.length] = 0;
      }),
    ],
    holds(op, example) {
      for (const floatType of ['float64', 'float32'] as const) {
        expectFilled(
          op,
          example,
          op.infer(example.attrs, ...example.inputs.map((input) => specOf(input, floatType))),
          floatType,
        );
      }
    },
  });
}

/** What is invalid is refused, by the rule that was named. */
export function refusalLaw({ op, samples }: OpContext): Law<OpDef, InvalidSample<any>> {
  const first = someSamples(samples)[0];
  return {
    name: 'refuses what is invalid',
    statement:
      'Every invalid call throws while shapes are inferred, before anything is computed, and the message names what refuses it, and the rule.',
    formula: 'infer(invalid) throws',
    subject: op,
    cases: invalidSamples(op, samples).map((sample) => fc.constant(sample)),
    once: true,
    mutants: [
      {
        name: 'nothing is refused',
        plant: (right) => ({
          ...right,
          infer(attrs, ...specs) {
            try {
              return right.infer(attrs, ...specs);
            } catch {
              return right.infer(first?.attrs, ...(first?.inputs ?? []).map((input) => specOf(input, 'float64')));
            }
          },
        }),
      },
      {
        name: 'the message says nothing',
        plant: (right) => ({
          ...right,
          infer(attrs, ...specs) {
            try {
              return right.infer(attrs, ...specs);
            } catch {
              throw new Error('~');
            }
          },
        }),
      },
      {
        name: 'the message does not say who refuses',
        plant: (right) => ({
          ...right,
          infer(attrs, ...specs) {
            try {
              return right.infer(attrs, ...specs);
            } catch (error) {
              throw new Error((error as Error).message.replace(/^[^:]*/, ''), { cause: error });
            }
          },
        }),
      },
    ],
    holds(subject, { attrs, inputs, throws }) {
      let received = 'no error';
      try {
        subject.infer(attrs, ...inputs.map((input) => specOf(input, 'float64')));
      } catch (error) {
        received = (error as Error).message;
      }
      if (!throws.test(received))
        throw new Violation({ what: 'invalid call', received, expected: `an error that matches ${throws}` });
      if (!/^\w[^:]*: /.test(received))
        throw new Violation({ what: 'invalid call', received, expected: 'an error that begins with a name' });
    },
    show: ({ attrs, inputs }) =>
      showCase(op, { attrs, inputs: inputs.map((input) => ({ ...input, values: [] })), seed: 0 }, 'float64'),
  };
}

/** Those that were given; for an elementwise op also inputs of unequal shapes. */
export function invalidSamples(op: OpDef, samples: OpSamples<any>): readonly InvalidSample<any>[] {
  const sample = someSamples(samples)[0];
  if (op.expr === undefined || sample === undefined || sample.inputs.length < 2) return samples.invalid;
  const inputs = sample.inputs.map(({ dtype }, i) => ({ dtype, shape: i === 0 ? [2, 3] : [3, 2] }));
  return [...samples.invalid, { attrs: sample.attrs, inputs, throws: /equal shapes/ }];
}

import { apply, isFloat, type OpDef, type TypedArray, type View } from '@lemmata/tensor';
import type { Law } from '../law.js';
import { because, type Bound, type NdArray, type OpCase, type OpSamples } from '../sample.js';
import { expectClose, type Tolerance } from '../violation.js';
import { tensorsOf } from './calls.js';
import { outputMutant } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** The outputs as the independent formula or program gives them; null where there is none. */
export function oracleOutputs(
  { formula, oracle }: OpSamples<any>,
  { attrs, inputs }: OpCase,
): readonly NdArray[] | null {
  if (oracle !== undefined) {
    const result = oracle(attrs, ...inputs.map(({ shape, values }) => ({ shape, data: values })));
    return Array.isArray(result) ? (result as readonly NdArray[]) : [result as NdArray];
  }
  if (formula === undefined) return null;
  const [first] = inputs;
  return [
    {
      shape: first.shape,
      data: first.values.map((_, i) => formula(attrs, ...inputs.map(({ values }) => values[i]))),
    },
  ];
}

export function oracleLaw(context: OpContext): Law<OpDef, OpCase> {
  const { samples } = context;
  const bound: Tolerance & Partial<Bound> = samples.oracleBound ?? { relative: 1e-12, absolute: 1e-12 };
  return opLaw(context, {
    name: samples.oracle === undefined ? 'agrees with its formula' : 'agrees with its oracle',
    statement: `In float64 the outputs are those of a formula or naive program that was written apart and shares nothing with the op${because(bound)}.`,
    formula: `|f(x) − oracle(x)| ≤ ${bound.absolute} + ${bound.relative} |oracle(x)|`,
    mutants: [
      outputMutant('results 0.1 % too large', (out) => void out.forEach((v, i) => (out[i] = v * 1.001)), {
        conditional: true,
      }),
      outputMutant('first element off by one', (out) => void (out.length > 0 && (out[0] = out[0] + 1)), {
        conditional: true,
      }),
      outputMutant('results in reversed order', (out) => void out.reverse(), { conditional: true }),
    ],
    holds(op, example) {
      const outputs = apply(op, example.attrs, tensorsOf(example, 'float64'));
      oracleOutputs(samples, example)!.forEach(({ shape, data }, k) => {
        const y = outputs[k];
        expectClose({ what: `output ${k}`, shape, source: 'oracle' }, y.dataSync(), data, bound);
      });
    },
  });
}

/** Float32 does what float64 does, up to a stated bound. */
export function float32Law(context: OpContext): Law<OpDef, OpCase> {
  const bound: Tolerance & Partial<Bound> = context.samples.float32Bound ?? { relative: 2e-6, absolute: 2e-6 };
  const inFloat32 =
    (change: (v: number, i: number) => number, float: boolean) =>
    (out: TypedArray, inputs: readonly View[]): void => {
      const affected = inputs.some(({ dtype }) => dtype === 'float32') && (!float || out instanceof Float32Array);
      if (affected) out.forEach((v, i) => (out[i] = change(v, i)));
    };
  return opLaw(context, {
    name: 'float32 is close to float64',
    statement: `From the same inputs, float32 gives what float64 gives, within ${bound.absolute} + ${bound.relative} relative${because(bound)}; integers and truth values are the same.`,
    formula: `|f₃₂(x) − f₆₄(x)| ≤ ${bound.absolute} + ${bound.relative} |f₆₄(x)|`,
    floatType: 'float32',
    mutants: [
      outputMutant(
        'float32 results 0.1 % too large',
        inFloat32((v) => v * 1.001, true),
        { conditional: true },
      ),
      outputMutant(
        'float32 results off by 0.001',
        inFloat32((v) => v + 1e-3, true),
        { conditional: true },
      ),
      outputMutant(
        'first element off by one for float32 inputs',
        inFloat32((v, i) => (i === 0 ? v + 1 : v), false),
        { conditional: true },
      ),
    ],
    holds(op, example) {
      const rounded: OpCase = {
        ...example,
        inputs: example.inputs.map((input) =>
          input.dtype === 'float' ? { ...input, values: input.values.map(Math.fround) } : input,
        ),
      };
      const narrow = apply(op, example.attrs, tensorsOf(rounded, 'float32'));
      const wide = apply(op, example.attrs, tensorsOf(rounded, 'float64'));
      wide.forEach((y, k) => {
        const tolerance = isFloat(y.dtype) ? bound : { relative: 0, absolute: 0 };
        expectClose(
          { what: `output ${k}`, shape: y.shape, source: 'float64' },
          narrow[k].dataSync(),
          y.dataSync(),
          tolerance,
        );
      });
    },
  });
}

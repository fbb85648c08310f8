import { ValueError } from '@lemmata/shape';
import { like, isFloatType } from '../op/calls.js';
import type { Tensor } from '@lemmata/tensor';
import type { Law } from '../law.js';
import { Violation } from '../violation.js';
import { compare, DEFAULT_BOUND, expectedOf, law, listOf, outputsMutant, tensorsOf } from './cases.js';
import type { SearchCall, SearchSamples } from './samples.js';

export const SPECIAL_LAW = 'NaN and infinities are treated as by the oracle';

/** What is planted among the inputs. */
const SPECIAL = [NaN, Infinity, -Infinity, -0, 1e300, -1e300];

export function specialLaw(name: string, call: SearchCall<any>, samples: SearchSamples<any>): Law {
  const finite =
    (wrong: (v: number) => number): ((y: Tensor) => Tensor) =>
    (y) =>
      like(y, Float64Array.from(y.dataSync(), wrong));
  return law(name, call, samples, 'float64', {
    name: SPECIAL_LAW,
    statement:
      'With NaN, ±∞, −0 or ±10³⁰⁰ at one place of an input, every output is what the naive program says: NaN where it is NaN, ' +
      'infinite with its sign where it is infinite.',
    formula: 'f(x; xᵢ = NaN, ±∞) = o(x; xᵢ = NaN, ±∞)',
    mutants: [
      outputsMutant(
        'NaN becomes 0',
        finite((v) => (Number.isNaN(v) ? 0 : v)),
        (y) => y.dataSync().some(Number.isNaN),
      ),
      outputsMutant(
        'infinities become finite',
        finite((v) => (Math.abs(v) === Infinity ? Math.sign(v) : v)),
        (y) => y.dataSync().some((v) => Math.abs(v) === Infinity),
      ),
    ],
    holds(subject, { attrs, inputs, layouts, seed }) {
      if (samples.takesSpecial?.(attrs) === false) return;
      const able = inputs
        .slice(0, samples.specialInputs)
        .flatMap(({ dtype, values }, i) => (isFloatType(dtype) && values.length > 0 ? [i] : []));
      if (able.length === 0) return;
      const chosen = able[seed % able.length];
      const special = SPECIAL[Math.floor(seed / 7) % SPECIAL.length];
      const spoilt = inputs.map((input, i) => {
        if (i !== chosen) return input;
        const at = Math.floor(seed / 50) % input.values.length;
        return { ...input, values: input.values.map((v, n) => (n === at ? special : v)) };
      });
      const tensors = tensorsOf({ attrs, inputs: spoilt, layouts, seed }, 'float64');
      const refusal = samples.refuses?.(attrs, ...spoilt.map(({ shape, values }) => ({ shape, data: values }))) ?? null;
      try {
        if (refusal !== null) return expectRefusal(() => subject(attrs, ...tensors), refusal);
        compare(listOf(subject(attrs, ...tensors)), expectedOf(samples, attrs, spoilt), samples.bound ?? DEFAULT_BOUND);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        throw new Violation({ ...error.facts, what: `${error.facts.what}, with ${special} in input ${chosen}` });
      }
    },
  });
}

function expectRefusal(call: () => unknown, refusal: RegExp): void {
  let received = 'a result';
  try {
    call();
  } catch (error) {
    received = String(error);
    if (error instanceof ValueError && refusal.test(error.message)) return;
  }
  throw new Violation({ what: 'refusal', received, expected: `a ValueError like ${refusal}` });
}

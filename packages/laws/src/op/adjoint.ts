import { apply, isFloat, type OpDef } from '@lemmata/tensor';
import type { Law } from '../law.js';
import { smallIntegers } from '../noise.js';
import { because, type Bound, type OpCase } from '../sample.js';
import { indexOf, Violation, type Tolerance } from '../violation.js';
import { dot, like, pull, tensorsOf } from './calls.js';
import { GRADIENT_MUTANTS } from './gradient.js';
import { outputMutant } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** What is declared linear is, and its gradient is its transpose, exactly. */
export function adjointLaw(context: OpContext): Law<OpDef, OpCase> {
  const { linearBound = { relative: 0, absolute: 0 } }: { linearBound?: Tolerance & Partial<Bound> } = context.samples;
  const { relative, absolute } = linearBound;
  const exact = relative === 0 && absolute === 0;
  const agree = (received: number, expected: number): boolean =>
    Math.abs(received - expected) <= absolute + relative * Math.abs(expected);
  return opLaw(context, {
    name: 'the gradient is the adjoint',
    statement: `In each input in which the op is declared linear it is, and the gradient is its transpose: ${exact ? 'exactly, on small integers' : `up to ${absolute} + ${relative} relative${because(linearBound)}`}.`,
    formula: 'f(x + z) = f(x) + f(z), ⟨f(x), y⟩ = ⟨x, fᵀ(y)⟩',
    from: 'exact',
    mutants: [
      GRADIENT_MUTANTS[0],
      GRADIENT_MUTANTS[1],
      GRADIENT_MUTANTS[3],
      outputMutant('1 added to every result', (out) => void out.forEach((v, i) => (out[i] = v + 1)), {
        conditional: true,
      }),
    ],
    holds(op, example) {
      const inputs = tensorsOf(example, 'float64');
      for (const i of op.linearIn!) {
        const x = inputs[i];
        if (!isFloat(x.dtype)) continue;
        const f = (values: ArrayLike<number>) =>
          apply(
            op,
            example.attrs,
            inputs.map((t, k) => (k === i ? like(x, values) : t)),
          );
        const data = x.dataSync();
        const z = smallIntegers(x.size, example.seed, i);
        const [fx, fz, fboth] = [f(data), f(z), f(data.map((v, k) => v + z[k]))];
        fboth.forEach((y, k) => {
          const [p, q] = [fx[k].dataSync(), fz[k].dataSync()];
          y.dataSync().forEach((v, n) => {
            if (!agree(v, p[n] + q[n])) {
              throw new Violation({
                what: `f(x + z) of output ${k}, by input ${i}`,
                index: indexOf(n, y.shape),
                received: v,
                expected: p[n] + q[n],
                source: 'f(x) + f(z)',
              });
            }
          });
        });
        const upstream = fx.map((y, k) => like(y, smallIntegers(y.size, example.seed + 1, k)));
        const left = fx.reduce((total, y, k) => total + dot(y.dataSync(), upstream[k].dataSync()), 0);
        const gradient =
          pull(
            op,
            example.attrs,
            upstream,
            inputs,
            fx,
            inputs.map((_, k) => k === i),
          )[i] ?? null;
        const right = gradient === null ? 0 : dot(data, gradient.dataSync());
        if (!agree(right, left)) {
          throw new Violation({
            what: `⟨x, fᵀ(y)⟩ by input ${i}`,
            received: right,
            expected: left,
            source: '⟨f(x), y⟩',
            error: Math.abs(right - left),
            bound: absolute + relative * Math.abs(left),
          });
        }
      }
    },
  });
}

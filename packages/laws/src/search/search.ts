import { vjp } from '@lemmata/autograd';
import type { Tensor } from '@lemmata/tensor';
import { chosen, type Law, type Laws } from '../law.js';
import { noise } from '../noise.js';
import { like } from '../op/calls.js';
import { because, type Bound } from '../sample.js';
import { expectClose, type Tolerance } from '../violation.js';
import {
  compare,
  DEFAULT_BOUND,
  expectedOf,
  FLOAT32_BOUND,
  law,
  listOf,
  smooth,
  tensorsOf,
  tooLarge,
} from './cases.js';
import { gradients, wrongGradient } from './gradients.js';
import type { SearchBackend, SearchCall, SearchSamples } from './samples.js';
import { SPECIAL_LAW, specialLaw } from './special.js';

/**
 * Random search over all that may be asked of a function: outputs and the gradients of all inputs against an oracle, for
 * packed and strided inputs, then again with NaN and infinities among them. At least 100 cases a law; `LEMMATA_SEARCH_RUNS`
 * says how many.
 */
export function searchLaws<A>(name: string, call: SearchCall<A>, samples: SearchSamples<A>): Laws {
  return {
    subject: `search: ${name}`,
    ...chosen(
      [valuesLaw(name, call, samples)],
      [samples.finiteOnly === undefined && specialLaw(name, call, samples), SPECIAL_LAW, samples.finiteOnly],
    ),
    ...(samples.known === undefined ? {} : { known: samples.known }),
  };
}

/**
 * The searches among `laws` on another backend, in float32: outputs against the oracle, gradients against those of float64.
 * Other laws are left out.
 */
export function searchesOn(backend: SearchBackend, laws: readonly Laws[]): Laws[] {
  return laws.flatMap(({ subject, laws: list }) => {
    const again = list.flatMap(({ name, subject: call, search }) =>
      search === undefined || name === SPECIAL_LAW ? [] : [backendLaw(backend, subject, call, search)],
    );
    return again.length === 0 ? [] : [{ subject: `${subject} on ${backend.name}`, laws: again }];
  });
}

function valuesLaw(name: string, call: SearchCall<any>, samples: SearchSamples<any>): Law {
  const bound = samples.bound ?? DEFAULT_BOUND;
  const differentiates = samples.notDifferentiable === undefined;
  return law(name, call, samples, 'float64', {
    name: differentiates ? 'values and gradients are those of the oracle' : 'values are those of the oracle',
    statement:
      'For any legal options, sizes and strides the outputs are those of a naive program that was written apart' +
      because({ reason: samples.bound?.reason }) +
      (differentiates
        ? ', and the gradient of each input along a random direction is the derivative of that program.'
        : `; it has no gradients${because({ reason: samples.notDifferentiable })}.`),
    formula: differentiates ? 'f(x) = o(x), ⟨vjpᵢ(u), d⟩ = d/dh ⟨u, o(x + h dᵢ)⟩ at h = 0' : 'f(x) = o(x)',
    mutants: differentiates ? [tooLarge, wrongGradient] : [tooLarge],
    holds(subject, example) {
      const tensors = tensorsOf(example, 'float64');
      const expected = expectedOf(samples, example.attrs, example.inputs);
      compare(listOf(subject(example.attrs, ...tensors)), expected, bound);
      if (differentiates) gradients(subject, samples, example, tensors);
    },
  });
}

function backendLaw(backend: SearchBackend, name: string, call: SearchCall<any>, samples: SearchSamples<any>): Law {
  const { float32Bound: given = FLOAT32_BOUND } = samples;
  const [size, formula] =
    typeof given === 'function'
      ? ['a bound that follows from how well the inputs are conditioned', 'bound(x)']
      : [
          `${given.absolute} + ${given.relative} relative${because({ reason: (given as Partial<Bound>).reason })}`,
          `${given.absolute} + ${given.relative} |o(x)|`,
        ];
  return law(name, call, samples, 'float32', {
    name: 'values and gradients are those of the oracle, in float32',
    statement:
      `In float32 on the ${backend.name} backend the outputs are those of the oracle, and the gradients those of float64, within ` +
      `${size}.`,
    formula: `|f₃₂(x) − o(x)| ≤ ${formula}, ∇ too`,
    mutants: [tooLarge, wrongGradient],
    holds(subject, drawn) {
      const rounded = drawn.inputs.map((input) =>
        input.dtype === 'float' ? { ...input, values: input.values.map(Math.fround) } : input,
      );
      const example = { ...drawn, inputs: rounded };
      const bound: Tolerance =
        typeof given === 'function'
          ? given(example.attrs, ...rounded.map(({ shape, values }) => ({ shape, data: values })))
          : given;
      const narrow = tensorsOf(example, 'float32').map((t) => backend.put(t));
      const outputs = listOf(subject(example.attrs, ...narrow));
      compare(outputs, expectedOf(samples, example.attrs, rounded), bound);
      if (samples.notDifferentiable !== undefined) return;
      const [received, expected] = [
        [subject, narrow],
        [call, tensorsOf(example, 'float64')],
      ].map(([g, tensors]) => {
        const { f, at } = smooth(g as SearchCall<any>, samples, example, tensors as Tensor[]);
        if (at.length === 0) return [];
        const { value, pullback } = vjp(f, ...at);
        return pullback(value.map((y, k) => like(y, noise(y.size, example.seed, k))));
      });
      received.forEach((g, i) => {
        const about = { what: `gradient ${i}`, shape: g.shape, source: 'float64 gradient' };
        expectClose(about, g.dataSync(), expected[i].dataSync(), bound);
      });
    },
  });
}

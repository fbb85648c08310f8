import { vjp } from '@lemmata/autograd';
import { add, isFloat, mul, sameSpec, stopGradient, type Tensor } from '@lemmata/tensor';
import type { Mutant } from '../law.js';
import { kinkAvoided } from '../meter.js';
import { noise } from '../noise.js';
import { dot, like } from '../op/calls.js';
import { difference } from '../op/gradient.js';
import { expectClose, indexOf, Violation } from '../violation.js';
import { DEFAULT_BOUND, expectedOf, listOf, outputsMutant, type SearchCase, smooth } from './cases.js';
import type { SearchCall, SearchSamples } from './samples.js';

const gradientTimes = (y: Tensor, factor: number): Tensor => add(mul(y, factor), mul(stopGradient(y), 1 - factor));

export const wrongGradient: Mutant<SearchCall<any>> = outputsMutant(
  'gradient 1 % too large',
  (y) => gradientTimes(y, 1.01),
  (y) => y.size > 0,
);

/** Compares the gradient of every input with that of the oracle: its finite differences, unless it has one of its own. */
export function gradients(
  subject: SearchCall<any>,
  samples: SearchSamples<any>,
  example: SearchCase,
  tensors: readonly Tensor[],
): void {
  const { attrs, inputs, seed } = example;
  const { moving, f, at } = smooth(subject, samples, example, tensors);
  if (at.length === 0) return;
  const { value, pullback } = vjp(f, ...at);
  const upstream = value.map((y, k) => noise(y.size, seed, k));
  const found = pullback(value.map((y, k) => like(y, upstream[k])));
  moving.forEach((input, i) => {
    if (sameSpec(found[i].spec, at[i].spec)) return;
    const [received, expected] = [found[i], at[i]].map(({ shape }) => `[${shape.join(', ')}]`);
    throw new Violation({ what: `shape of gradient ${input}`, received, expected });
  });
  if (samples.gradient !== undefined) {
    const upstreams = value.map(({ shape }, k) => ({ shape, data: upstream[k] }));
    const plain = inputs.map(({ shape, values }) => ({ shape, data: values }));
    samples.gradient(attrs, upstreams, ...plain).forEach(({ shape, data }, i) => {
      const about = { what: `gradient of input ${moving[i]}`, shape, source: 'gradient of the oracle' };
      expectClose(about, found[i].dataSync(), data, samples.bound ?? DEFAULT_BOUND);
    });
    return;
  }
  const { step = 2 ** -11, gradientsOf = Infinity } = samples;
  // What is not finite, as the mean of nothing, has no derivative.
  const finite = expectedOf(samples, attrs, inputs).every(({ data }) => Array.from(data).every(Number.isFinite));
  if (!finite) return;
  const smoothOutputs = listOf(subject(attrs, ...tensors)).map((y, k) => k < gradientsOf && isFloat(y.dtype));
  const h = typeof step === 'number' ? step : step(attrs);
  moving.forEach((input, i) => {
    const { values, shape } = inputs[input];
    if (values.length === 0) return;
    // One direction for all elements, then one element alone: a random sum could hide what is small.
    const one = seed % values.length;
    const directions = [
      noise(values.length, seed, 100 + input),
      Float64Array.from(values, (_, n) => Number(n === one)),
    ];
    directions.forEach((direction, kind) => {
      const along = (t: number): number => {
        const moved = inputs.map((x, k) =>
          k === input ? { ...x, values: values.map((v, n) => v + t * direction[n]) } : x,
        );
        let total = 0;
        expectedOf(samples, attrs, moved)
          .filter((_, k) => smoothOutputs[k])
          .forEach(({ data }, k) => (total += dot(upstream[k], data)));
        return total;
      };
      const expected = difference(along, h);
      const bound = 1e-7 + 1e-6 * Math.abs(expected.value) + expected.rounding;
      if (samples.kinks !== undefined && bends(along, h, bound)) return kinkAvoided();
      const received = dot(found[i].dataSync(), direction);
      const error = Math.abs(received - expected.value);
      if (error <= bound) return;
      throw new Violation({
        what: `gradient of input ${input}${kind === 0 ? ' along a random direction' : ''}`,
        ...(kind === 0 ? {} : { index: indexOf(one, shape) }),
        received,
        expected: expected.value,
        source: 'central differences of the oracle',
        error,
        bound,
      });
    });
  });
}

/** Whether f has a kink within a step of 0: differences at a smaller step say otherwise, or both sides agree no better. */
function bends(f: (t: number) => number, step: number, bound: number): boolean {
  const asymmetry = (t: number): number => Math.abs(f(t) - 2 * f(0) + f(-t)) / t;
  const [far, near] = [difference(f, step), difference(f, step / 16)];
  const differs = Math.abs(far.value - near.value) > bound / 2 + near.rounding;
  return differs || asymmetry(step / 16) > asymmetry(step) / 4 + bound / 4;
}

import { vjp } from '@lemmata/autograd';
import { apply, zerosLike, type OpDef, type Tensor } from '@lemmata/tensor';
import type { Law, Mutant } from '../law.js';
import { noise } from '../noise.js';
import type { OpCase } from '../sample.js';
import { seen } from '../meter.js';
import { Violation } from '../violation.js';
import { differentiable, dot, like, pull, tensorsOf, upstreamOf, weigh } from './calls.js';
import { compareCoordinates, difference } from './gradient.js';
import { vjpMutant } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** The gradient as a function `g` of what is differentiated again: the inputs, and behind them the upstream. */
function gradientOf(op: OpDef, example: OpCase) {
  const { attrs, seed } = example;
  const fixed = tensorsOf(example, 'float64');
  const outputs = apply(op, attrs, fixed);
  const wants = differentiable(example.inputs, fixed);
  const inputs = fixed.filter((_, i) => wants[i]);
  const upstream = upstreamOf(outputs, seed);
  const g = (...moving: Tensor[]): Tensor[] => {
    let next = 0;
    const xs = fixed.map((x, i) => (wants[i] ? moving[next++] : x));
    const us = upstream.map((u) => u && moving[next++]);
    const gradients = pull(op, attrs, us, xs, apply(op, attrs, xs), wants);
    return xs.flatMap((x, i) => (wants[i] ? [gradients[i] ?? zerosLike(x)] : []));
  };
  return { g, moving: [...inputs, ...upstream.filter((u) => u !== null)], inputCount: inputs.length };
}

const MUTANTS: readonly Mutant<OpDef>[] = [
  vjpMutant('gradient computed outside of the tape', (right) => (attrs, upstream, inputs, outputs, wants) => {
    const below = (t: Tensor | null): Tensor | null => t && like(t, t.dataSync());
    return right(
      attrs,
      upstream.map(below),
      inputs.map((x) => below(x)!),
      outputs.map((y) => below(y)!),
      wants,
    );
  }),
];

export function secondOrderLaw(context: OpContext): Law<OpDef, OpCase> {
  const step = context.samples.step ?? 2 ** -11;
  return opLaw(context, {
    name: 'vjp can be differentiated again',
    cost: 5,
    statement:
      'The derivative of the gradient, by the tape, is its derivative by differences: along coordinates of every input and of the upstream.',
    formula: '⟨vjp_g(w), d⟩ = d/dh ⟨w, g(z + h d)⟩, g(x, u) = vjp_x(u), z = (x, u)',
    mutants: MUTANTS,
    holds(op, example) {
      const { g, moving, inputCount } = gradientOf(op, example);
      const { value, pullback } = vjp(g, ...moving);
      const weights = value.map((t, k) => noise(t.size, example.seed + 1, k));
      const gradients = pullback(value.map((t, k) => like(t, weights[k])));
      moving.forEach((z, i) => {
        const data = z.dataSync();
        const what =
          i < inputCount
            ? `derivative of the gradient by input ${i}`
            : `derivative of the gradient by upstream ${i - inputCount}`;
        const exact = gradients[i].dataSync();
        const at = (values: ArrayLike<number>): number =>
          weigh(g(...moving.map((t, k) => (k === i ? like(z, values) : t))), weights);
        const coordinate = (example.seed + i) % Math.max(1, z.size);
        const one = { size: Math.min(1, z.size), shape: [Math.min(1, z.size)] };
        compareCoordinates(`${what}, coordinate ${coordinate}`, [exact[coordinate]], one, step, (_, h) => {
          const moved = data.slice();
          moved[coordinate] = data[coordinate] + h;
          return at(moved);
        });
        const direction = noise(z.size, example.seed + 2, i);
        const along = difference((h) => at(data.map((v, k) => v + h * direction[k])), step);
        const error = Math.abs(dot(exact, direction) - along.value);
        const bound = 1e-6 + 1e-6 * Math.abs(along.value) + along.rounding;
        if (!(error <= bound)) {
          throw new Violation({
            what: `${what}, random direction`,
            received: dot(exact, direction),
            expected: along.value,
            source: 'central differences',
            error,
            bound,
          });
        }
        seen(dot(exact, direction), along.value, false);
      });
    },
  });
}

/** For ops that are differentiable once, and say so. */
export function refusedSecondOrderLaw(context: OpContext, message: RegExp): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'a second derivative is refused',
    statement:
      'Differentiating the gradient throws, with the message that was declared, rather than returning a wrong value.',
    formula: `error matches ${message}`,
    mutants: MUTANTS,
    holds(op, example) {
      const { g, moving } = gradientOf(op, example);
      let received = 'a result';
      try {
        const { value, pullback } = vjp(g, ...moving);
        pullback(value.map((t) => like(t, noise(t.size, example.seed, 7))));
      } catch (error) {
        received = String((error as Error).message);
      }
      if (!message.test(received))
        throw new Violation({ what: 'second derivative', received, expected: `an error that matches ${message}` });
    },
  });
}

import { apply, isFloat, neg, sameSpec, type OpDef, type Tensor, type TypedArray } from '@lemmata/tensor';
import { formatSpec } from '@lemmata/tensor';
import type { Law, Mutant } from '../law.js';
import type { OpCase } from '../sample.js';
import { seen } from '../meter.js';
import { indexOf, Violation } from '../violation.js';
import { resemblance } from '../resemblance.js';
import { differentiable, like, pull, tensorsOf, upstreamOf, weigh } from './calls.js';
import { changed, vjpMutant } from './mutate.js';
import { opLaw, type OpContext } from './op-law.js';

/** Coordinates along which differences are taken, for each input. */
export const COORDINATES = 8;

export const GRADIENT_MUTANTS: readonly Mutant<OpDef>[] = [
  vjpMutant(
    'gradient 1 % too large',
    (right) =>
      (...call) =>
        right(...call).map((g) => g && changed(g, (d) => d.map((v) => v * 1.01))),
  ),
  vjpMutant(
    '0.01 added to the gradient',
    (right) => (attrs, upstream, inputs, outputs, wants) =>
      right(attrs, upstream, inputs, outputs, wants).map((g, i) =>
        wants[i]
          ? like(
              inputs[i],
              Float64Array.from(g?.dataSync() ?? new Float64Array(inputs[i].size), (v) => v + 0.01),
            )
          : null,
      ),
  ),
  vjpMutant(
    'gradient with the opposite sign',
    (right) =>
      (...call) =>
        right(...call).map((g) => g && neg(g)),
  ),
  vjpMutant(
    'gradient in reversed order',
    (right) =>
      (...call) =>
        right(...call).map((g) => g && changed(g, (d) => d.reverse())),
  ),
  vjpMutant(
    'gradient with the last two axes exchanged',
    (right) =>
      (...call) =>
        right(...call).map((g) => g && changed(g, (d) => exchanged(d, g.shape))),
  ),
  vjpMutant(
    'mean removed from the upstream',
    (right) =>
      (attrs, upstream, ...rest) =>
        right(
          attrs,
          upstream.map((u) => u && changed(u, (d) => d.map((v) => v - mean(d)))),
          ...rest,
        ),
    { conditional: true, idempotent: true },
  ),
  vjpMutant(
    'upstream replaced by its mean',
    (right) =>
      (attrs, upstream, ...rest) =>
        right(
          attrs,
          upstream.map((u) => u && changed(u, (d) => d.fill(mean(d)))),
          ...rest,
        ),
    { conditional: true, idempotent: true },
  ),
  vjpMutant(
    'gradient of the last input dropped',
    (right) =>
      (...call) => {
        const gradients = right(...call);
        return gradients.map((g, i) => (i === gradients.length - 1 ? null : g));
      },
    { conditional: true, idempotent: true },
  ),
  vjpMutant('gradients of the first two inputs exchanged', (right) => (...call) => {
    const [a, b, ...rest] = right(...call);
    return a && b && sameSpec(a.spec, b.spec) ? [b, a, ...rest] : [a ?? null, b ?? null, ...rest];
  }),
];

/** The gradient, against finite differences in float64. */
export function gradientLaw(context: OpContext): Law<OpDef, OpCase> {
  const step = context.samples.step ?? 2 ** -11;
  return opLaw(context, {
    name: 'vjp is the derivative',
    cost: 2,
    statement:
      'For a random or one-hot upstream u and every coordinate d, the gradient along d is the derivative of ⟨u, f⟩ along d, ' +
      'by central differences in float64, extrapolated, at one of three steps.',
    formula: '⟨vjp_x(u), d⟩ = d/dh ⟨u, f(x + h d)⟩ at h = 0',
    mutants: GRADIENT_MUTANTS,
    holds(op, example) {
      const inputs = tensorsOf(example, 'float64');
      const outputs = apply(op, example.attrs, inputs);
      const wants = differentiable(example.inputs, inputs);
      const upstream = chooseUpstream(outputs, example.seed);
      const gradients = pull(op, example.attrs, upstream, inputs, outputs, wants);
      const weights = upstream.map((u) => u && u.dataSync());
      inputs.forEach((x, i) => {
        const gradient = gradients[i] ?? null;
        if (gradient !== null && !sameSpec(gradient.spec, x.spec)) {
          throw new Violation({
            what: `gradient of input ${i}`,
            received: formatSpec(gradient.spec),
            expected: formatSpec(x.spec),
          });
        }
        if (!wants[i]) {
          if (gradient !== null && example.inputs[i].constant) {
            throw new Violation({
              what: `gradient of input ${i}, which is declared constant`,
              received: formatSpec(gradient.spec),
              expected: 'null',
            });
          }
          return;
        }
        const exact = gradient?.dataSync() ?? new Float64Array(x.size);
        const data = x.dataSync();
        const evaluate = (at: number, h: number): number => {
          const moved = data.slice();
          moved[at] = data[at] + h;
          return weigh(
            apply(
              op,
              example.attrs,
              inputs.map((t, k) => (k === i ? like(x, moved) : t)),
            ),
            weights,
          );
        };
        compareCoordinates(`gradient of input ${i}`, exact, x, step, evaluate, example.seed);
      });
    },
  });
}

/**
 * Of the step, tried one after another: what curves too much for one is straight enough at the next, and at all of them rounding
 * adds less than what is allowed for. A right gradient is that of one of them, a wrong one of none.
 */
const SHORTER = [1, 1 / 16, 1 / 256];

/**
 * Compares a gradient with differences of `evaluate(at, h)`, a function of one moved coordinate, at `most` coordinates that are
 * evenly spread from one on that `seed` chooses, or at all if there are no more.
 */
export function compareCoordinates(
  what: string,
  exact: ArrayLike<number>,
  x: { readonly size: number; readonly shape: readonly number[] },
  step: number,
  evaluate: (at: number, h: number) => number,
  seed: number = 0,
  most: number = COORDINATES,
): void {
  const tried = Math.min(most, x.size);
  const first = tried < x.size ? seed : 0;
  const analytic: number[] = [];
  const numeric: number[] = [];
  let failure: ((looksLike: string | null) => Violation) | null = null;
  for (let c = 0; c < tried; c++) {
    const at = (first + Math.floor((c * x.size) / tried)) % x.size;
    // Once a coordinate has failed the others only tell which bug it resembles.
    const steps = failure === null ? SHORTER : SHORTER.slice(0, 1);
    const found = closest(exact[at], (h) => evaluate(at, h), step, { steps });
    const { value, error, bound } = found;
    analytic.push(exact[at]);
    numeric.push(value);
    if (!(error <= bound) && failure === null) {
      failure = (looksLike) =>
        new Violation({
          what,
          index: indexOf(at, x.shape),
          received: exact[at],
          expected: value,
          source: 'central differences',
          error,
          bound,
          ...(looksLike === null ? {} : { looksLike }),
        });
    }
    seen(exact[at], value, false);
  }
  if (failure !== null) throw failure(resemblance(analytic, numeric, tried === x.size ? x.shape : [tried]));
}

interface Compared {
  readonly value: number;
  readonly error: number;
  /** What the error may be. */
  readonly bound: number;
}

/**
 * A derivative, compared with differences of f at one step after another: the first with which it agrees, or the closest. `noise` measures
 * how much values of f scatter beyond their last places, and is asked only where no step agrees without.
 */
export function closest(
  exact: number,
  f: (h: number) => number,
  step: number,
  { steps = SHORTER, noise = () => 0 }: { readonly steps?: readonly number[]; readonly noise?: () => number } = {},
): Compared {
  const found: Compared[] = [];
  const agrees = ({ error, bound }: Compared): boolean => error <= bound;
  for (const shorter of steps) {
    const { value, rounding } = difference(f, step * shorter);
    found.push({ value, error: Math.abs(exact - value), bound: 1e-7 + 1e-6 * Math.abs(value) + rounding });
    if (agrees(found.at(-1)!)) return found.at(-1)!;
  }
  const scatter = noise();
  const allowed = found.map((each, s) => ({ ...each, bound: each.bound + (4 * scatter) / (step * steps[s]) }));
  return allowed.find(agrees) ?? allowed.reduce((best, each) => (each.error < best.error ? each : best));
}

/** The derivative of f at 0: central differences at two step sizes, extrapolated (Richardson), and what rounding may add. */
export function difference(f: (h: number) => number, step: number): { value: number; rounding: number } {
  const far = [f(step), f(-step)] as const;
  const near = [f(step / 2), f(-step / 2)] as const;
  const value = (4 * ((near[0] - near[1]) / step) - (far[0] - far[1]) / (2 * step)) / 3;
  return { value, rounding: (16 * 2 ** -52 * (Math.abs(far[0]) + Math.abs(near[1]))) / step };
}

/** Random, or for one case in four 1 at one place and 0 elsewhere. */
function chooseUpstream(outputs: readonly Tensor[], seed: number): (Tensor | null)[] {
  const upstream = upstreamOf(outputs, seed);
  const floats = outputs.flatMap((y, k) => (isFloat(y.dtype) && y.size > 0 ? [k] : []));
  if (seed % 4 !== 0 || floats.length === 0) return upstream;
  const chosen = floats[(seed >>> 2) % floats.length];
  return upstream.map(
    (u, k) => u && changed(u, (data) => data.map((_, i) => (k === chosen && i === (seed >>> 5) % data.length ? 1 : 0))),
  );
}

/** The gradient is linear in the upstream. */
export function linearUpstreamLaw(context: OpContext): Law<OpDef, OpCase> {
  return opLaw(context, {
    name: 'vjp is linear in the upstream',
    statement: 'The gradient for a·u + b·v is a times the gradient for u plus b times the gradient for v.',
    formula: 'vjp(a u + b v) = a vjp(u) + b vjp(v)',
    mutants: [
      GRADIENT_MUTANTS[1],
      vjpMutant(
        'upstream by its magnitude',
        (right) =>
          (attrs, upstream, ...rest) =>
            right(
              attrs,
              upstream.map((u) => u && changed(u, (d) => d.map(Math.abs))),
              ...rest,
            ),
      ),
    ],
    holds(op, { attrs, seed, ...example }) {
      const inputs = tensorsOf({ attrs, seed, ...example }, 'float64');
      const outputs = apply(op, attrs, inputs);
      const wants = differentiable(example.inputs, inputs);
      const a = 2.5;
      const b = -0.75;
      const u = upstreamOf(outputs, seed);
      const v = upstreamOf(outputs, seed + 1);
      const both = u.map((t, k) => {
        if (t === null) return null;
        const second = v[k]!.dataSync();
        return changed(t, (d) => d.map((value, i) => a * value + b * second[i]));
      });
      const [gu, gv, g] = [u, v, both].map((up) =>
        pull(op, attrs, up, inputs, outputs, wants).map((t) => t?.dataSync() ?? null),
      );
      inputs.forEach((x, i) => {
        if (!wants[i]) return;
        for (let k = 0; k < x.size; k++) {
          const p = a * (gu[i]?.[k] ?? 0);
          const q = b * (gv[i]?.[k] ?? 0);
          const received = g[i]?.[k] ?? 0;
          const error = Math.abs(received - (p + q));
          const bound = 1e-11 * (1 + Math.abs(p) + Math.abs(q));
          if (!(error <= bound)) {
            throw new Violation({
              what: `gradient of input ${i} for 2.5 u − 0.75 v`,
              index: indexOf(k, x.shape),
              received,
              expected: p + q,
              error,
              bound,
            });
          }
          seen(received, p + q, false);
        }
      });
    },
  });
}

function mean(data: TypedArray): number {
  let total = 0;
  for (const v of data) total += v;
  return total / data.length;
}

function exchanged(data: TypedArray, shape: readonly number[]): TypedArray {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = shape[shape.length - 2] ?? 1;
  return data.map((_, i) => {
    const within = i % (rows * columns);
    return data[i - within + (within % rows) * columns + Math.floor(within / rows)];
  });
}

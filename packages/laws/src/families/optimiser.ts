import type { Tensor } from '@lemmata/tensor';
import type { Law, Laws, Mutant } from '../law.js';
import { expectClose, expectSame } from '../violation.js';
import { draw, float64, mapped, seeds, type Seeded } from './draws.js';

type Parameters = Readonly<Record<string, Tensor>>;

/** Any optimiser as two functions; `S` is what it remembers. */
export interface OptimiserLike<S = any> {
  init(params: Parameters): S;
  update(grads: Parameters, state: S, params: Parameters): [Parameters, S];
}

export interface OptimiserSamples {
  readonly optimiser: OptimiserLike;
  /** θ after n steps down ½ λ θ² from θ₀: a formula, or a recurrence of scalars written apart. */
  readonly closedForm: (lambda: number, theta0: number, steps: number) => number;
  /** Default 7. */
  readonly steps?: number;
  /** Why a parameter moves without a gradient (weight decay). */
  readonly movesAlone?: string;
  /** Why elements of a parameter, or parameters, see each other (trust ratios, clipping by the global norm). */
  readonly notElementwise?: string;
}

/** Curvatures: gradients that shrink fast, slowly, and not at all alike. */
const LAMBDAS = [0.1, 0.5, 1, 2];

/** The laws of an optimiser, on parabolas: it is after some steps where its closed form says, and parameters and their elements go alone. */
export function optimiserLaws(
  name: string,
  { optimiser, closedForm, steps = 7, movesAlone, notElementwise }: OptimiserSamples,
): Laws {
  const common = { subject: optimiser, cases: seeds, cost: 3 };
  const longer: Mutant<OptimiserLike> = {
    name: 'every step is 1 % too long',
    plant: (o) => ({
      ...o,
      init: (p) => o.init(p),
      update(grads, state, params) {
        const [next, memory] = o.update(grads, state, params);
        return [mapTree(next, (t, path) => mapped(t, (v, i) => v + 0.01 * (v - params[path].dataSync()[i]))), memory];
      },
    }),
  };
  const forgetful: Mutant<OptimiserLike> = {
    name: 'the memory is lost at each step',
    conditional: true,
    plant: (o, bites) => ({
      init: (p) => o.init(p),
      update(grads, state, params) {
        const fresh = o.init(params);
        const right = o.update(grads, state, params);
        const wrong = o.update(grads, fresh, params);
        if (
          Object.keys(params).some((path) =>
            wrong[0][path].dataSync().some((v, i) => Math.abs(v - right[0][path].dataSync()[i]) > 1e-6),
          )
        )
          bites();
        return [wrong[0], right[1]];
      },
    }),
  };
  const drifting: Mutant<OptimiserLike> = {
    name: 'parameters drift',
    plant: (o) => ({
      init: (p) => o.init(p),
      update(grads, state, params) {
        const [next, memory] = o.update(grads, state, params);
        return [mapTree(next, (t) => mapped(t, (v) => v + 1e-3)), memory];
      },
    }),
  };
  const mixing: Mutant<OptimiserLike> = {
    name: 'the first element sets the pace of all',
    plant: (o) => ({
      init: (p) => o.init(p),
      update: (grads, state, params) =>
        o.update(
          mapTree(grads, (g) => mapped(g, (v) => v * (1 + 0.1 * Math.abs(g.dataSync()[0])))),
          state,
          params,
        ),
    }),
  };

  const quadratic: Law<OptimiserLike, Seeded> = {
    ...common,
    name: 'closed form on a quadratic',
    statement: `After each of ${steps} steps down ½ Σ λ θ², every parameter is what the closed form says.`,
    formula: 'θₙ = closed form(λ, θ₀, n), ∇ = λ θ',
    mutants: [longer, forgetful, drifting],
    holds(o, { seed }) {
      const start = draw([LAMBDAS.length], seed).dataSync();
      let params: Parameters = { theta: float64([LAMBDAS.length], start) };
      let state = o.init(params);
      for (let n = 1; n <= steps; n++) {
        [params, state] = o.update({ theta: mapped(params['theta'], (v, i) => LAMBDAS[i] * v) }, state, params);
        const expected = LAMBDAS.map((lambda, i) => closedForm(lambda, start[i], n));
        const about = { what: `θ after ${n} steps`, shape: [LAMBDAS.length], source: 'closed form' };
        expectClose(about, params['theta'].dataSync(), expected, { relative: 1e-9, absolute: 1e-10 });
      }
    },
  };
  const rest: Law<OptimiserLike, Seeded> = {
    ...common,
    name: 'without a gradient nothing moves',
    statement: 'From the initial state, zero gradients leave every parameter as it is.',
    formula: '∇ = 0 ⇒ θ₁ = θ₀',
    mutants: [drifting],
    holds(o, { seed }) {
      const theta = draw([3], seed);
      const [{ theta: next }] = o.update({ theta: mapped(theta, () => 0) }, o.init({ theta }), { theta });
      expectSame({ what: 'θ after a step', shape: [3], source: 'before' }, next.dataSync(), theta.dataSync(), 'number');
    },
  };
  const apart: Law<OptimiserLike, Seeded> = {
    ...common,
    name: 'every element goes its own way',
    statement: 'Parameters in two tensors move as they do in one.',
    formula: 'update((a, b)) = (update(a), update(b))',
    mutants: [mixing],
    holds(o, { seed }) {
      const [theta, first] = [draw([4], seed), draw([4], seed, 1)];
      const part = (t: Tensor, from: number, to: number): Tensor => float64([to - from], t.dataSync().slice(from, to));
      let joined: Parameters = { all: theta };
      let split: Parameters = { a: part(theta, 0, 1), b: part(theta, 1, 4) };
      let [joinedState, splitState] = [o.init(joined), o.init(split)];
      for (let n = 0; n < 3; n++) {
        const g = mapped(first, (v) => v * (n + 1));
        [joined, joinedState] = o.update({ all: g }, joinedState, joined);
        [split, splitState] = o.update({ a: part(g, 0, 1), b: part(g, 1, 4) }, splitState, split);
      }
      const received = [...split['a'].dataSync(), ...split['b'].dataSync()];
      expectClose({ what: 'two tensors', shape: [4], source: 'one tensor' }, received, joined['all'].dataSync(), {
        relative: 1e-12,
        absolute: 1e-12,
      });
    },
  };
  return {
    subject: name,
    laws: [quadratic, ...(movesAlone === undefined ? [rest] : []), ...(notElementwise === undefined ? [apart] : [])],
  };
}

function mapTree(tree: Parameters, f: (t: Tensor, path: string) => Tensor): Parameters {
  return Object.fromEntries(Object.entries(tree).map(([path, t]) => [path, f(t, path)]));
}

import { compile } from '@lemmata/compile';
import { expectClose, expectSame, type Law, type Laws, type Mutant, noise, optimiserLaws } from '@lemmata/laws';
import { mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { adadelta } from './adadelta.js';
import { adagrad } from './adagrad.js';
import { adam, adamw } from './adam.js';
import { adamax } from './adamax.js';
import { averageLaws } from './average.laws.js';
import { nadam } from './nadam.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { radam } from './radam.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

/** What a recurrence of scalars carries: θ first, then what the method remembers. */
type Scalars = readonly [theta: number, ...rest: number[]];

/** θ after n steps of a recurrence down ½ λ θ²: the method once more, on plain numbers. */
function recurrence(start: (theta: number) => Scalars, step: (state: Scalars, g: number, t: number) => Scalars) {
  return (lambda: number, theta0: number, steps: number): number => {
    let state = start(theta0);
    for (let t = 1; t <= steps; t++) state = step(state, lambda * state[0], t);
    return state[0];
  };
}

const withTwo = (theta: number): Scalars => [theta, 0, 0];

/** θₙ of θₙ₊₁ = (1 + μ − ηλ) θₙ − μ θₙ₋₁ with θ₁ = (1 − ηλ) θ₀, by the roots of its characteristic polynomial. */
function heavyBall(rate: number, momentum: number) {
  return (lambda: number, theta0: number, n: number): number => {
    const trace = 1 + momentum - rate * lambda;
    const discriminant = trace * trace - 4 * momentum;
    const theta1 = (1 - rate * lambda) * theta0;
    if (discriminant < 0) {
      // Complex roots √μ e^±iφ: a damped oscillation.
      const radius = Math.sqrt(momentum);
      const angle = Math.acos(trace / (2 * radius));
      const sine = (theta1 / radius - theta0 * Math.cos(angle)) / Math.sin(angle);
      return radius ** n * (theta0 * Math.cos(n * angle) + sine * Math.sin(n * angle));
    }
    const [a, b] = [(trace + Math.sqrt(discriminant)) / 2, (trace - Math.sqrt(discriminant)) / 2];
    const first = (theta1 - b * theta0) / (a - b);
    return first * a ** n + (theta0 - first) * b ** n;
  };
}

const [b1, b2] = [0.8, 0.9];
const betas = [b1, b2] as const;
const rate = 0.1;

const families: readonly Laws[] = [
  optimiserLaws('sgd', {
    optimiser: sgd({ learningRate: rate }),
    closedForm: (l, theta, n) => (1 - rate * l) ** n * theta,
  }),
  optimiserLaws('sgd with an L2 penalty', {
    optimiser: sgd({ learningRate: rate, weightDecay: 0.3 }),
    closedForm: (l, theta, n) => (1 - rate * (l + 0.3)) ** n * theta,
    movesAlone: 'the penalty pulls towards 0',
  }),
  optimiserLaws('sgd with momentum', {
    optimiser: sgd({ learningRate: rate, momentum: 0.6 }),
    closedForm: heavyBall(rate, 0.6),
  }),
  optimiserLaws('sgd with Nesterov momentum', {
    optimiser: sgd({ learningRate: rate, momentum: 0.6, nesterov: true }),
    // In Sutskever's form the gradient is taken where momentum leads, at ψ = θ + μv; ψ is what the optimiser holds.
    closedForm: recurrence(
      (theta) => [theta, theta, 0],
      ([, theta, velocity], g) => {
        const next = 0.6 * velocity! - rate * g;
        const moved = theta! + next;
        return [moved + 0.6 * next, moved, next];
      },
    ),
  }),
  optimiserLaws('adam', {
    optimiser: adam({ learningRate: rate, betas, eps: 1e-3 }),
    closedForm: recurrence(withTwo, ([theta, m, v], g, t) => {
      const [m1, v1] = [b1 * m! + (1 - b1) * g, b2 * v! + (1 - b2) * g * g];
      return [theta - (rate * (m1 / (1 - b1 ** t))) / (Math.sqrt(v1 / (1 - b2 ** t)) + 1e-3), m1, v1];
    }),
  }),
  optimiserLaws('adamw', {
    optimiser: adamw({ learningRate: rate, betas, eps: 1e-3, weightDecay: 0.5 }),
    closedForm: recurrence(withTwo, ([theta, m, v], g, t) => {
      const [m1, v1] = [b1 * m! + (1 - b1) * g, b2 * v! + (1 - b2) * g * g];
      return [
        theta - rate * 0.5 * theta - (rate * (m1 / (1 - b1 ** t))) / (Math.sqrt(v1 / (1 - b2 ** t)) + 1e-3),
        m1,
        v1,
      ];
    }),
    movesAlone: 'weights decay apart from the gradient',
  }),
  optimiserLaws('adagrad', {
    optimiser: adagrad({ learningRate: rate, rateDecay: 0.2, initialSum: 0.1 }),
    closedForm: recurrence(
      (theta) => [theta, 0.1],
      ([theta, s], g, t) => [theta - ((rate / (1 + (t - 1) * 0.2)) * g) / (Math.sqrt(s! + g * g) + 1e-10), s! + g * g],
    ),
  }),
  optimiserLaws('rmsprop', {
    optimiser: rmsprop({ learningRate: rate, alpha: b2, eps: 1e-2, momentum: 0.5, centered: true }),
    closedForm: recurrence(
      (theta) => [theta, 0, 0, 0],
      ([theta, v, mean, b], g) => {
        const [v1, mean1] = [b2 * v! + (1 - b2) * g * g, b2 * mean! + (1 - b2) * g];
        const b1 = 0.5 * b! + g / (Math.sqrt(v1 - mean1 * mean1) + 1e-2);
        return [theta - rate * b1, v1, mean1, b1];
      },
    ),
  }),
  optimiserLaws('adadelta', {
    optimiser: adadelta({ learningRate: 0.7, rho: b2, eps: 1e-2 }),
    closedForm: recurrence(withTwo, ([theta, v, u], g) => {
      const v1 = b2 * v! + (1 - b2) * g * g;
      const delta = (Math.sqrt(u! + 1e-2) / Math.sqrt(v1 + 1e-2)) * g;
      return [theta - 0.7 * delta, v1, b2 * u! + (1 - b2) * delta * delta];
    }),
  }),
  optimiserLaws('adamax', {
    optimiser: adamax({ learningRate: rate, betas }),
    closedForm: recurrence(withTwo, ([theta, m, u], g, t) => {
      const [m1, u1] = [b1 * m! + (1 - b1) * g, Math.max(b2 * u!, Math.abs(g) + 1e-8)];
      return [theta - ((rate / (1 - b1 ** t)) * m1) / u1, m1, u1];
    }),
  }),
  optimiserLaws('nadam', {
    optimiser: nadam({ learningRate: rate, betas, momentumDecay: 0.1, eps: 1e-3 }),
    closedForm: recurrence(
      (theta) => [theta, 0, 0, 1],
      ([theta, m, v, product], g, t) => {
        const mu = (step: number): number => b1 * (1 - 0.5 * 0.96 ** (step * 0.1));
        const [m1, v1, p1] = [b1 * m! + (1 - b1) * g, b2 * v! + (1 - b2) * g * g, product! * mu(t)];
        const direction = ((1 - mu(t)) * g) / (1 - p1) + (mu(t + 1) * m1) / (1 - p1 * mu(t + 1));
        return [theta - (rate * direction) / (Math.sqrt(v1 / (1 - b2 ** t)) + 1e-3), m1, v1, p1];
      },
    ),
  }),
  optimiserLaws('radam', {
    optimiser: radam({ learningRate: rate, betas, eps: 1e-3 }),
    closedForm: recurrence(withTwo, ([theta, m, v], g, t) => {
      const [m1, v1] = [b1 * m! + (1 - b1) * g, b2 * v! + (1 - b2) * g * g];
      const corrected = m1 / (1 - b1 ** t);
      const longest = 2 / (1 - b2) - 1;
      const length = longest - (2 * t * b2 ** t) / (1 - b2 ** t);
      if (length <= 5) return [theta - rate * corrected, m1, v1];
      const r = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
      return [theta - (rate * corrected * r * Math.sqrt(1 - b2 ** t)) / (Math.sqrt(v1) + 1e-3), m1, v1];
    }),
    steps: 9,
  }),
];

interface Drawn {
  readonly seed: number;
}

const seeds: fc.Arbitrary<Drawn> = fc.record({ seed: fc.nat(0x7ffffffe) });

const decoupled = {
  adamw: adamw({ learningRate: rate, weightDecay: 0.3 }),
  nadam: nadam({ learningRate: rate, weightDecay: 0.3, decoupledWeightDecay: true }),
  radam: radam({ learningRate: rate, weightDecay: 0.3, decoupledWeightDecay: true }),
};
const penalised = {
  adamw: adam({ learningRate: rate, weightDecay: 0.3 }),
  nadam: nadam({ learningRate: rate, weightDecay: 0.3 }),
  radam: radam({ learningRate: rate, weightDecay: 0.3 }),
};

const decay: Law<Readonly<Record<string, Optimizer<OptimizerState>>>, Drawn> = {
  name: 'O3: decay apart from the gradient is geometric',
  statement: 'Without gradients, weights that decay apart from the gradient shrink by the factor 1 − ηλ in each step.',
  formula: 'g = 0 ⇒ θₙ = (1 − ηλ)ⁿ θ₀',
  subject: decoupled,
  cases: seeds,
  cost: 3,
  mutants: [
    { name: 'an L2 penalty', plant: () => penalised },
    { name: 'the decay is λ alone', plant: () => ({ adamw: adamw({ learningRate: rate, weightDecay: 0.3 / rate }) }) },
  ],
  holds(optimizers, { seed }) {
    for (const [name, optimizer] of Object.entries(optimizers)) {
      const start = noise(3, seed);
      let theta: Tensor = tensor(start);
      let state = optimizer.init(theta);
      for (let n = 1; n <= 4; n++) {
        [theta, state] = optimizer.update(mul(theta, 0), state, theta);
        const about = { what: `${name}, θ after ${n} steps`, shape: [3], source: '(1 − ηλ)ⁿ θ₀' };
        const expected = start.map((v) => (1 - rate * 0.3) ** n * v);
        expectClose(about, theta.dataSync(), expected, { relative: 1e-13, absolute: 0 });
      }
    }
  },
};

const stateful: readonly Optimizer<OptimizerState>[] = [
  sgd({ learningRate: rate, momentum: 0.9 }),
  adam({ learningRate: rate, amsgrad: true }),
  adagrad({ learningRate: rate }),
  rmsprop({ learningRate: rate, momentum: 0.5, centered: true }),
  adadelta(),
  adamax({ learningRate: rate }),
  nadam({ learningRate: rate }),
  radam({ learningRate: rate }),
];

/** Parameters after some steps with these gradients, the steps run as compiled programs. */
type Training = (optimizer: Optimizer<OptimizerState>, theta: Tensor, gradients: readonly Tensor[]) => Tensor;

type Step = (theta: Tensor, state: OptimizerState, g: Tensor) => [Tensor, OptimizerState];

function train(step: Step, theta: Tensor, state: OptimizerState, gradients: readonly Tensor[]): Tensor {
  let at: [Tensor, OptimizerState] = [theta, state];
  for (const g of gradients) at = step(...at, g);
  return at[0];
}

/** A bug in what a compiled step does with the state. */
function stateMutant(
  name: string,
  wrong: (optimizer: Optimizer<OptimizerState>, start: OptimizerState) => Step,
): Mutant<Training> {
  return {
    name,
    plant: () => (optimizer, theta, gradients) => {
      const start = optimizer.init(theta);
      return train(compile(wrong(optimizer, start)), theta, start, gradients);
    },
  };
}

const carries: Law<Training, Drawn> = {
  name: 'compiled steps carry the state',
  statement:
    'Steps compiled once, with parameters and state as arguments and results, go where eager steps go, bit for bit.',
  formula: 'compiled(step)ⁿ(θ, s) = stepⁿ(θ, s)',
  subject: (optimizer, theta, gradients) => {
    const step: Step = (p, state, g) => optimizer.update(g, state, p);
    return train(compile(step, { donate: 2 }), theta, optimizer.init(theta), gradients);
  },
  cases: seeds,
  cost: 6,
  mutants: [
    stateMutant(
      'the state is captured by closure',
      (optimizer, start) => (theta, _state, g) => optimizer.update(g, start, theta),
    ),
    stateMutant('the state is not advanced', (optimizer) => (theta, state, g) => [
      optimizer.update(g, state, theta)[0],
      state,
    ]),
  ],
  holds(training, { seed }) {
    const theta = tensor(noise(4, seed), { dtype: 'float32' });
    const gradients = [1, 2, 3].map((stream) => tensor(noise(4, seed, stream), { dtype: 'float32' }));
    stateful.forEach((optimizer, i) => {
      const eager = train((p, state, g) => optimizer.update(g, state, p), theta, optimizer.init(theta), gradients);
      const about = { what: `θ after 3 steps of optimiser ${i}`, shape: [4], source: 'eager' };
      expectSame(about, training(optimizer, theta, gradients).dataSync(), eager.dataSync());
    });
  },
};

/** Of each optimiser, of all of them, and of averages of weights. */
export const laws: readonly Laws[] = [...families, { subject: 'optimisers', laws: [decay, carries] }, averageLaws];

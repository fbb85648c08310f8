import { vjp } from '@lemmata/autograd';
import { expectClose, expectSame, type Law, type Laws, noise, type Tolerance } from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import { concat, flip, narrow, select, stack, tensor, type Tensor, where } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { againstOracle, type Family, type Network } from './against-oracle.laws.js';
import { cellOf, type NetworkParams, networkShapes, type Structure } from './params.js';

interface Case {
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({ seed: fc.nat(1e6) });
const close: Tolerance = { relative: 1e-11, absolute: 1e-12 };
const [N, T, I] = [2, 4, 2];

const draw = (shape: Shape, seed: number, stream: number): Tensor =>
  tensor(noise(sizeOf(shape), seed, stream), { shape });

/** A network of a family with drawn parameters, biases among them, and initial states. */
function situation(family: Family, seed: number, numLayers: number, directions: 1 | 2) {
  const { gates, hiddenSize, states, bias = true } = family;
  const structure: Structure = { inputSize: I, hiddenSize, outputSize: states[0], numLayers, directions, bias };
  const shapes = Object.entries(networkShapes(gates, structure));
  return {
    x: draw([N, T, I], seed, 0),
    params: Object.fromEntries(shapes.map(([name, shape], i) => [name, draw(shape, seed, 10 + i)])) as NetworkParams,
    initial: states.map((size, i) => draw([numLayers * directions, N, size], seed, 100 + i)),
  };
}

function same(what: string, received: Tensor, expected: Tensor, source: string): void {
  expectClose({ what, shape: expected.shape, source }, received.dataSync(), expected.dataSync(), close);
}

type NetworkLaw = Law<Network, Case>;

/** Starts every sequence from 0. */
const forgetful = {
  name: 'initial states are ignored',
  plant:
    (f: Network): Network =>
    (x, params, options) =>
      f(x, params, { ...options, initial: undefined }),
};
const padsCount = {
  name: 'lengths are ignored',
  plant:
    (f: Network): Network =>
    (x, params, options) =>
      f(where(isNaN(x), 0, x), params, { ...options, lengths: null }),
};
const isNaN = (x: Tensor): Tensor => tensor(Array.from(x.dataSync(), Number.isNaN), { shape: x.shape, dtype: 'bool' });

function unrolled(family: Family): NetworkLaw {
  return {
    name: 'R6: the network is its cell, step by step',
    statement:
      'One layer over T steps gives what T calls of the cell give: outputs, states, and the gradients of input, parameters and initial states.',
    formula: 'network(x₁ … x_T) = cell(x_T, cell(x_{T−1}, …)), ∇ too',
    subject: family.network,
    cases,
    mutants: [
      forgetful,
      {
        name: 'the last state misses a step',
        plant: (f) => (x, params, options) => {
          const { output, states } = f(x, params, options);
          return {
            output,
            states: f(narrow(x, 1, 0, T - 1), params, options).states.map((s, i) => (i === 0 ? s : states[i])),
          };
        },
      },
    ],
    holds(f, { seed }) {
      const { x, params, initial } = situation(family, seed, 1, 1);
      const names = Object.keys(params);
      const at = [x, ...initial, ...Object.values(params)];
      const split = (all: readonly Tensor[]) => ({
        x: all[0],
        initial: all.slice(1, 1 + initial.length),
        params: Object.fromEntries(names.map((name, i) => [name, all[1 + initial.length + i]])) as NetworkParams,
      });
      const scanned = vjp(
        (...all: Tensor[]) => {
          const { x, initial, params } = split(all);
          const { output, states } = f(x, params, { initial });
          return [output, ...states];
        },
        ...at,
      );
      const steps = vjp(
        (...all: Tensor[]) => {
          const { x, initial, params } = split(all);
          let states: readonly Tensor[] = initial.map((s) => select(s, 0, 0));
          const outputs = Array.from({ length: T }, (_, t) => {
            states = family.cell(select(x, 1, t), states, cellOf(params));
            return states[0];
          });
          return [stack(outputs, 1), ...states.map((s) => stack([s]))];
        },
        ...at,
      );
      const upstream = steps.value.map((y, i) => draw(y.shape, seed, 200 + i));
      scanned.value.forEach((y, i) => same(`output ${i}`, y, steps.value[i], 'the cell'));
      const expected = steps.pullback(upstream);
      scanned.pullback(upstream).forEach((g, i) => {
        same(`gradient ${i}`, g, expected[i], 'the cell');
      });
    },
  };
}

function chunks(family: Family): NetworkLaw {
  return {
    name: 'R6: a sequence in two parts',
    statement: 'The second part, started from the states after the first, gives what the whole gives.',
    formula: 'network([x; x′], s) = [network(x, s); network(x′, s′)]',
    subject: family.network,
    cases,
    mutants: [forgetful],
    holds(f, { seed }) {
      const { x, params, initial } = situation(family, seed, 2, 1);
      const whole = f(x, params, { initial });
      const first = f(narrow(x, 1, 0, 1), params, { initial });
      const second = f(narrow(x, 1, 1, T - 1), params, { initial: first.states });
      same('output', concat([first.output, second.output], 1), whole.output, 'the whole');
      second.states.forEach((s, i) => same(`state ${i}`, s, whole.states[i], 'the whole'));
    },
  };
}

function mirrored(family: Family): NetworkLaw {
  return {
    name: 'R4: the reverse direction reads the sequence from its end',
    statement:
      'With the directions exchanged, a sequence turned around gives its outputs turned around, with their halves exchanged.',
    formula: 'network(Jx; →, ←) = J network(x; ←, →)',
    subject: family.network,
    cases,
    mutants: [
      {
        name: 'the reverse direction starts at the front',
        plant: (f) => (x, params, options) => {
          const back = f(flip(x, 1), params, options);
          const front = f(x, params, options);
          const half = front.output.shape[2] / 2;
          return {
            ...front,
            output: concat([narrow(front.output, 2, 0, half), narrow(back.output, 2, half, half)], 2),
          };
        },
      },
    ],
    holds(f, { seed }) {
      const { x, params, initial } = situation(family, seed, 1, 2);
      const exchanged = Object.fromEntries(
        Object.entries(params).map(([name, value]) => [
          name.endsWith('_reverse') ? name.slice(0, -'_reverse'.length) : `${name}_reverse`,
          value,
        ]),
      );
      const swap = (t: Tensor, axis: number): Tensor => {
        const half = t.shape[axis] / 2;
        return concat([narrow(t, axis, half, half), narrow(t, axis, 0, half)], axis);
      };
      const expected = f(x, params, { initial });
      const received = f(flip(x, 1), exchanged, { initial: initial.map((s) => swap(s, 0)) });
      same('output', flip(received.output, 1), swap(expected.output, 2), 'exchanged');
      received.states.forEach((s, i) => same(`state ${i}`, s, swap(expected.states[i], 0), 'exchanged'));
    },
  };
}

function packed(family: Family): NetworkLaw {
  return {
    name: 'R4, R5: padding is as good as absent',
    statement:
      'In a batch of sequences of different length each gives what it gives alone, cut to its length; outputs in the padding are 0, and NaN in it changes nothing.',
    formula: 'network([xₙ; NaN], lengths)ₙ = [network(xₙ); 0]',
    subject: family.network,
    cases,
    mutants: [
      padsCount,
      {
        name: 'every sequence is a step longer',
        plant: (f) => (x, params, options) =>
          f(where(isNaN(x), 0, x), params, {
            ...options,
            lengths: (options?.lengths as readonly number[] | undefined)?.map((n) => Math.min(T, n + 1)),
          }),
      },
    ],
    holds(f, { seed }) {
      const { x, params, initial } = situation(family, seed, 2, 2);
      const lengths = [1 + (seed % (T - 1)), seed % 2 === 0 ? T : 1];
      const outside = outsideOf(lengths);
      const spoilt = where(outside, NaN, x);
      const all = f(spoilt, params, { initial, lengths });
      expectZero('output in the padding', where(outside, all.output, 0));
      lengths.forEach((length, n) => {
        const alone = f(narrow(narrow(x, 0, n, 1), 1, 0, length), params, {
          initial: initial.map((s) => narrow(s, 1, n, 1)),
        });
        const row = narrow(narrow(all.output, 0, n, 1), 1, 0, length);
        same(`output of sequence ${n}`, row, alone.output, 'the sequence alone');
        all.states.forEach((s, i) => {
          same(`state ${i} of sequence ${n}`, narrow(s, 1, n, 1), alone.states[i], 'alone');
        });
      });
    },
  };
}

function quietPadding(family: Family): NetworkLaw {
  return {
    name: 'R5: padding has no gradient',
    statement:
      'Whatever the upstream gradient, that of the input is 0 in the padding, and NaN there changes none of the others.',
    formula: '∂/∂x_t = 0 for t ≥ length',
    subject: family.network,
    cases,
    mutants: [
      {
        name: 'lengths are ignored',
        plant: (f) => (x, params, options) => f(x, params, { ...options, lengths: null }),
      },
    ],
    holds(f, { seed }) {
      const { x, params, initial } = situation(family, seed, 1, 2);
      const lengths = [2, 1 + (seed % 2)];
      const outside = outsideOf(lengths);
      const gradients = (at: Tensor): [Tensor, Record<string, Tensor>] => {
        const network = (a: Tensor, p: NetworkParams): Tensor => f(a, p, { initial, lengths }).output;
        const { value, pullback } = vjp(network, at, params);
        return pullback(draw(value.shape, seed, 300)) as unknown as [Tensor, Record<string, Tensor>];
      };
      const [[dx, dp], [spoilt, others]] = [gradients(x), gradients(where(outside, NaN, x))];
      for (const g of [dx, spoilt]) expectZero('gradient of the padding', where(outside, g, 0));
      for (const [name, g] of Object.entries(dp)) {
        const about = { what: `gradient of ${name} with NaN in the padding`, shape: g.shape, source: 'without' };
        expectSame(about, others[name].dataSync(), g.dataSync());
      }
    },
  };
}

/** [N, T, 1], true in the padding. */
function outsideOf(lengths: readonly number[]): Tensor {
  const values = Array.from({ length: N * T }, (_, i) => i % T >= lengths[Math.floor(i / T)]);
  return tensor(values, { shape: [N, T, 1], dtype: 'bool' });
}

function expectZero(what: string, x: Tensor): void {
  expectSame({ what, shape: x.shape }, x.dataSync(), new Float64Array(x.size), 'number');
}

/** The laws of a family of networks. */
export function recurrentLaws(family: Family): readonly Laws[] {
  const parts = [unrolled, chunks, mirrored, packed, quietPadding].map((law) => ({ ...law(family), cost: 3 }));
  return [againstOracle(family), { subject: `${family.name}, the family`, laws: parts }];
}

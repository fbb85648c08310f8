import * as fc from 'fast-check';
import { recompute, valueAndGrad } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import * as t from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import type { Law, Laws, Mutant } from '../law.js';
import { noise } from '../noise.js';
import { expectSame, Violation } from '../violation.js';

/** Part of a function: the values so far, of which every one may be read, a running statistic and a key, to those made and the next statistic. */
type Part = (
  values: readonly t.Tensor[],
  statistic: t.Tensor,
  key: t.Tensor,
) => readonly [readonly t.Tensor[], t.Tensor];
type Transform = (part: Part) => Part;

const SIDE = 4;
const KINDS = {
  add: t.add,
  mul: t.mul,
  matmul: t.matmul,
  tanh: t.tanh,
  relu: (a: t.Tensor) => t.maximum(a, 0),
  softmax: (a: t.Tensor) => t.softmax(a, 1),
  transpose: (a: t.Tensor) => t.permute(a, [1, 0]),
  centred: (a: t.Tensor) => t.sub(a, t.mean(a, { axis: 0, keepdims: true })),
} as const;
type Kind = keyof typeof KINDS | 'dropout' | 'captured';

/** A function, step by step: each reads values by number. What stands from `begin` to `end` is run again, and in it the inner part once more. */
interface Function {
  readonly steps: readonly { readonly kind: Kind; readonly a: number; readonly b: number }[];
  readonly cuts: readonly number[];
  readonly seed: number;
}

const functions: fc.Arbitrary<Function> = fc.record({
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom(...(Object.keys(KINDS) as Kind[]), 'dropout' as const, 'captured' as const),
      a: fc.nat(20),
      b: fc.nat(20),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  cuts: fc.array(fc.nat(12), { minLength: 4, maxLength: 4 }),
  seed: fc.nat(1000),
});

const matrix = (seed: number, stream: number): t.Tensor =>
  t.tensor(noise(SIDE * SIDE, seed, stream), { shape: [SIDE, SIDE], dtype: 'float32' });

/** Loss and next statistic of the function; `again` is what is done to the parts that are cut out. */
function apply(
  { steps, cuts }: Function,
  again: Transform,
  inputs: readonly t.Tensor[],
  captured: t.Tensor,
  key: t.Tensor,
) {
  const [outerBegin, innerBegin, innerEnd, outerEnd] = cuts
    .map((n) => n % (steps.length + 1))
    .toSorted((a, b) => a - b);
  const plain =
    (begin: number, end: number): Part =>
    (values, statistic, key) => {
      const all = [...values];
      for (const [i, { kind, a, b }] of steps.slice(begin, end).entries()) {
        const [left, right] = [all[a % all.length], all[b % all.length]];
        if (kind === 'dropout') {
          const kept = t.bernoulli(t.foldIn(key, begin + i), 0.5, [SIDE, SIDE]);
          all.push(t.where(kept, t.mul(left, 2), 0));
        } else all.push(kind === 'captured' ? t.mul(left, captured) : KINDS[kind](left, right));
        statistic = t.add(t.mul(statistic, 0.9), t.mul(t.mean(all[all.length - 1]), 0.1));
      }
      return [all.slice(values.length), statistic];
    };
  const inTurn =
    (...parts: readonly Part[]): Part =>
    (values, statistic, key) =>
      parts.reduce<ReturnType<Part>>(
        ([made, now], part) => {
          const [more, next] = part([...values, ...made], now, key);
          return [[...made, ...more], next];
        },
        [[], statistic],
      );
  const inner = again(plain(innerBegin, innerEnd));
  const outer = again(inTurn(plain(outerBegin, innerBegin), inner, plain(innerEnd, outerEnd)));
  const whole = inTurn(plain(0, outerBegin), outer, plain(outerEnd, steps.length));
  const [made, statistic] = whole(inputs, t.scalar(0.5), key);
  return [made.map((y) => t.sum(t.mul(y, captured))).reduce((a, b) => t.add(a, b)), statistic] as const;
}

/** Loss, statistic and gradients. */
function results(f: Function, again: Transform, execute: 'eager' | 'compiled'): Float32Array[] {
  const step = (inputs: readonly t.Tensor[], captured: t.Tensor, key: t.Tensor) =>
    valueAndGrad((p: { inputs: readonly t.Tensor[]; captured: t.Tensor }) =>
      apply(f, again, p.inputs, p.captured, key),
    )({
      inputs,
      captured,
    });
  const run = execute === 'eager' ? step : compile(step, { name: 'law' });
  const args = [[matrix(f.seed, 0), matrix(f.seed, 1)], matrix(f.seed, 2), t.key(f.seed)] as const;
  return leaves(run(...args) as never).map((leaf) => (leaf as unknown as t.Tensor).dataSync() as Float32Array);
}

const wrong = (name: string, plant: (right: Transform) => Transform): Mutant<Transform> => ({
  name,
  plant: (right, bites) => (part) => {
    const planted = plant(right)(part);
    return (values, statistic, key) => {
      const [made, next] = planted(values, statistic, key);
      if (made.length > 0) bites();
      return [made, next];
    };
  },
  conditional: true,
});

const sameBits: Law<Transform, Function> = {
  name: 'what runs again gives the same bits',
  statement:
    'Of a random function of matrices, with dropout by a key, a running statistic and a captured parameter, a random part is run again on the way back, and a part of it once more: ' +
    'loss, statistic and all gradients have the same bits, eagerly and compiled.',
  formula: '∇(g ∘ recompute(f)) = ∇(g ∘ f)',
  subject: recompute as Transform,
  cases: functions,
  mutants: [
    wrong('the statistic is updated by the second run as well', (right) => (part) => {
      const once = right(part);
      return (values, statistic, key) => once(values, once(values, statistic, key)[1], key);
    }),
    wrong('gradient 1 % too large', (right) => (part) => (values, statistic, key) => {
      const [made, next] = right(part)(values, statistic, key);
      return [made.map((y) => t.add(t.mul(y, 1.01), t.mul(t.stopGradient(y), -0.01))), next];
    }),
    wrong('what is captured gets no gradient', () => (part) => (values, statistic, key) => {
      const [made, next] = part(values.map(t.stopGradient), statistic, key);
      return [made, next];
    }),
  ],
  holds(again, f) {
    const kept = results(f, (part) => part, 'eager');
    for (const execute of ['eager', 'compiled'] as const) {
      results(f, again, execute).forEach((received, i) => {
        const what = `${execute}, ${['loss', 'statistic'][i] ?? `gradient ${i - 2}`}`;
        expectSame({ what, shape: [received.length], source: 'values kept' }, received, kept[i]);
      });
    }
  },
};

/** Working memory of a compiled gradient of a stack of blocks. */
function workingBytes(
  { blocks, layers }: Stack,
  again: (f: (x: t.Tensor, w: t.Tensor) => t.Tensor) => typeof f,
): number {
  const block = again((x, w) => {
    let y = x;
    for (let i = 0; i < layers; i++) y = t.tanh(t.matmul(y, w));
    return y;
  });
  const loss = (w: t.Tensor, x: t.Tensor): t.Tensor => {
    let y = x;
    for (let i = 0; i < blocks; i++) y = block(y, w);
    return t.sum(y);
  };
  const step = compile((w: t.Tensor, x: t.Tensor) => valueAndGrad(loss)(w, x).grads, { name: 'law' });
  step(matrix(0, 0), t.zeros([256, SIDE]));
  return step.workingBytes;
}

interface Stack {
  readonly blocks: number;
  readonly layers: number;
}

type Block = (x: t.Tensor, w: t.Tensor) => t.Tensor;

/** As `recompute` would be if the second run read values of the same names. */
const underOneName =
  () =>
  (f: Block): Block =>
  (x, w) =>
    t.apply({ name: 'recompute', recompute: 0, infer: (_, spec) => [spec], define: (_, a, b) => [f(a, b)] }, {}, [
      x,
      w,
    ])[0];

const lessMemory: Law<(f: Block) => Block, Stack> = {
  name: 'what runs again is not kept',
  statement:
    'A compiled gradient of n blocks of k layers works in the memory of about n + k values if the blocks run again, where it took that of n · k.',
  formula: 'bytes(recompute) ≤ (n + k + 4) / (n · k) · bytes',
  subject: recompute,
  // Of three blocks of three layers recomputation may keep as many values as there are.
  cases: fc.record({ blocks: fc.integer({ min: 4, max: 6 }), layers: fc.integer({ min: 4, max: 6 }) }),
  cost: 6,
  mutants: [
    { name: 'everything is kept', plant: () => (f) => f },
    { name: 'the compiler finds that all has been computed before', plant: underOneName },
  ],
  holds(again, stack) {
    const { blocks, layers } = stack;
    const received = workingBytes(stack, again);
    const expected = ((blocks + layers + 4) / (blocks * layers)) * workingBytes(stack, (f) => f);
    // A few values that come and go count too; with few blocks they may be as many as those saved.
    if (received <= Math.max(expected, 0)) return;
    throw new Violation({ what: 'bytes of working memory', received, expected, source: 'at most, by what is kept' });
  },
};

export const recomputeLaws: Laws = { subject: 'recompute', laws: [sameBits, lessMemory] };

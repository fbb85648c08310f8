import { compile } from '@lemmata/compile';
import { cast, div, full, mul, square, sub, sum, tensor, type Tensor } from '@lemmata/tensor';
import { leaves, toRecord } from '@lemmata/tree';
import { valueAndGrad } from '@lemmata/autograd';
import { describe, expect, test } from 'vitest';
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  nadam,
  radam,
  rmsprop,
  sgd,
  stepDecay,
  warmRestarts,
  type Optimizer,
  type OptimizerState,
  type Schedule,
} from './index.js';

const f64 = (values: number | number[]): Tensor => tensor(values, { dtype: 'float64' });

/** One parameter after the given gradients. */
function after(optimizer: Optimizer<OptimizerState>, start: number, gradients: readonly number[]): number[] {
  let p = f64(start);
  let state = optimizer.init(p);
  return gradients.map((g) => {
    [p, state] = optimizer.update(f64(g), state, p);
    return p.item();
  });
}

describe('conventions', () => {
  test('O1: Adam adds eps to the root, after the correction', () => {
    const step = -after(adam({ learningRate: 1, eps: 1e-8 }), 0, [1e-8])[0]!;
    expect(step).toBeCloseTo(0.5, 12);
  });

  test('O2: RMSprop adds eps to the root, or under it by its own name', () => {
    const options = { learningRate: 1, alpha: 0.9, eps: 0.01 };
    expect(-after(rmsprop(options), 0, [0.1])[0]!).toBeCloseTo(0.1 / (Math.sqrt(0.001) + 0.01), 12);
    expect(-after(rmsprop(options), 0, [0.1])[0]!).toBeCloseTo(2.4025, 4);
    expect(-after(rmsprop({ ...options, epsInsideRoot: true }), 0, [0.1])[0]!).toBeCloseTo(0.9535, 4);
  });

  test('O2: the first step of Adam is the rate for any gradient far above eps', () => {
    for (const g of [1e-3, 1, 1e6, -4])
      expect(after(adam({ learningRate: 0.1 }), 0, [g])[0]).toBeCloseTo(-0.1 * Math.sign(g), 5);
  });

  test('O2: AMSGrad takes the largest average before its correction', () => {
    const options = { learningRate: 1, betas: [0, 0.5], eps: 0, amsgrad: true } as const;
    // v is 0.5 · 1 = 0.5, then 0.25 + 0.5 · 0.01 = 0.255: the larger is 0.5, corrected by 1 − 0.5² = 0.75.
    const [first, second] = after(adam(options), 0, [1, 0.1]) as [number, number];
    expect(second - first).toBeCloseTo(-0.1 / Math.sqrt(0.5 / 0.75), 12);
  });

  test('O3: AdamW multiplies its decay by the rate of the step, before the step', () => {
    const optimizer = adamw({ learningRate: stepDecay({ initial: 0.1, every: 1, factor: 0.5 }), weightDecay: 0.2 });
    const [first, second] = after(optimizer, 1, [0, 0]) as [number, number];
    expect(first).toBeCloseTo(1 - 0.1 * 0.2, 14);
    expect(second).toBeCloseTo((1 - 0.1 * 0.2) * (1 - 0.05 * 0.2), 14);
    expect(after(adamw({ learningRate: 0.1, weightDecay: 0.2 }), 1, [5])[0]).toBeCloseTo(0.98 - 0.1, 8);
  });

  test('O3: a penalty and decay apart from the gradient are the same for plain SGD, and not for Adam', () => {
    expect(after(sgd({ learningRate: 0.1, weightDecay: 0.2 }), 1, [0])[0]).toBeCloseTo(1 - 0.1 * 0.2, 14);
    expect(after(adam({ learningRate: 0.1, weightDecay: 0.2 }), 1, [0])[0]).toBeCloseTo(1 - 0.1, 6);
  });

  test('O3: NAdam and RAdam take a penalty, and decay apart from the gradient if told so', () => {
    const options = { learningRate: 0.1, weightDecay: 0.2 };
    for (const optimizer of [nadam, radam]) {
      // Without a gradient, decay alone moves the parameter by ηλ; a penalty is a gradient like any other.
      expect(after(optimizer({ ...options, decoupledWeightDecay: true }), 1, [0])[0]).toBeCloseTo(0.98, 12);
      const [first, second] = after(optimizer(options), 1, [0, 0]) as [number, number];
      // Two steps: the first of RAdam, which divides by nothing yet, is the same both ways.
      expect([first, second]).toEqual(after(optimizer({ learningRate: 0.1 }), 1, [0.2, 0.2 * first]));
      expect(second).not.toBeCloseTo(after(optimizer({ ...options, decoupledWeightDecay: true }), 1, [0, 0])[1]!, 5);
    }
  });

  test('O4: the first step with Nesterov momentum is 1.9 times that without', () => {
    expect(after(sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }), 0, [1])[0]).toBeCloseTo(-0.19, 14);
  });

  test('O4: the rate is outside of the momentum: a new rate acts on all of it', () => {
    const [first, second] = after(
      sgd({ learningRate: stepDecay({ initial: 1, every: 1, factor: 0.1 }), momentum: 0.9 }),
      0,
      [1, 1],
    ) as [number, number];
    expect(first).toBe(-1);
    expect(second - first).toBeCloseTo(-0.1 * (0.9 + 1), 14);
  });

  test('O4: dampening spares the first gradient', () => {
    const [first, second] = after(sgd({ learningRate: 1, momentum: 0.5, dampening: 0.25 }), 0, [1, 1]) as [
      number,
      number,
    ];
    expect(first).toBe(-1);
    expect(second - first).toBeCloseTo(-(0.5 + 0.75), 14);
  });

  test('RMSprop centred: a constant gradient has no deviation, and its root is 0 rather than NaN', () => {
    let p = tensor(0);
    const optimizer = rmsprop({ alpha: 0.3, centered: true });
    let state = optimizer.init(p);
    for (let i = 0; i < 200; i++) [p, state] = optimizer.update(tensor(0.1), state, p);
    expect(Number.isFinite(p.item())).toBe(true);
  });

  test('RAdam takes plain steps until enough squares are averaged', () => {
    const trajectory = after(radam({ learningRate: 0.1 }), 0, new Array<number>(7).fill(2));
    trajectory.slice(0, 5).forEach((value, i) => expect(value).toBeCloseTo(-0.2 * (i + 1), 12));
    expect(trajectory[5]! - trajectory[4]!).toBeGreaterThan(-0.01);
  });
});

describe('groups', () => {
  const params = { conv1: { weight: f64([1, 2]), bias: f64([3]) }, fc: { weight: f64([4]), bias: f64([5]) } };
  const grads = { conv1: { weight: f64([1, 1]), bias: f64([1]) }, fc: { weight: f64([1]), bias: f64([1]) } };

  test('O3: biases are left out of the decay by a group', () => {
    const optimizer = adamw({
      learningRate: 0.1,
      weightDecay: 0.5,
      groups: [{ match: (path) => path.endsWith('.bias'), weightDecay: 0 }],
    });
    const zero = { conv1: { weight: f64([0, 0]), bias: f64([0]) }, fc: { weight: f64([0]), bias: f64([0]) } };
    const [next] = optimizer.update(zero, optimizer.init(params), params);
    expect(next.conv1.weight.toArray()).toEqual([0.95, 1.9]);
    expect([next.conv1.bias.item(), next.fc.bias.item()]).toEqual([3, 5]);
  });

  test('the first group that matches holds; memory is kept where it is used', () => {
    const optimizer = sgd({
      learningRate: 0.1,
      groups: [
        { match: (path) => path === 'fc.bias', learningRate: 1, maximize: true },
        { match: (path) => path.startsWith('fc.'), momentum: 0.9 },
      ],
    });
    const state = optimizer.init(params);
    expect(Object.keys(toRecord(state))).toEqual(['step', 'memory.momentum_buffer.fc.weight']);
    const [next, after] = optimizer.update(grads, state, params);
    expect(next.fc.bias.item()).toBe(6);
    expect(next.fc.weight.item()).toBeCloseTo(3.9, 14);
    const [last] = optimizer.update(grads, after, next);
    expect(last.fc.weight.item()).toBeCloseTo(3.9 - 0.19, 14);
    expect(last.conv1.bias.item()).toBeCloseTo(2.8, 14);
  });

  test('a group that holds for nothing is refused', () => {
    const optimizer = sgd({
      learningRate: 0.1,
      groups: [{ match: (path) => path.endsWith('.biases'), weightDecay: 0 }],
    });
    expect(() => optimizer.init(params)).toThrow(
      'sgd: groups[0] holds for none of the parameters conv1.weight, conv1.bias, fc.weight, fc.bias',
    );
  });
});

test('steps are counted in int32, and a schedule is asked once for all parameters of a group', () => {
  let asked = 0;
  const optimizer = sgd({
    learningRate(step) {
      asked++;
      return mul(cast(step, 'float64'), 0.5);
    },
  });
  const params = { a: f64([1]), b: f64([2]), c: f64([3]) };
  const state = optimizer.init(params);
  expect(state.step.dtype).toBe('int32');
  const [, next] = optimizer.update(params, state, params);
  expect([asked, next.step.dtype, next.step.item()]).toEqual([1, 'int32', 1]);
});

describe('refusals', () => {
  test('all that is wrong with the options is said at once', () => {
    expect(() => adam({ learningRate: -1, betas: [0.9, 1], eps: NaN })).toThrow(
      [
        'adam: 3 problems',
        '  1. learningRate must be a finite number of at least 0, received -1',
        '  2. betas must be two numbers from 0 to below 1, received [0.9, 1]',
        '  3. eps must be a finite number of at least 0, received NaN',
      ].join('\n'),
    );
    expect(() => adadelta({ rho: 1.1 })).toThrow('adadelta: rho must be from 0 to 1, received 1.1');
    expect(() => nadam({ decoupledWeightDecay: 1 as never })).toThrow(
      'decoupledWeightDecay must be true or false, received 1',
    );
    expect(() => sgd({ learningRate: 0.1, nesterov: true })).toThrow('sgd: nesterov needs momentum and no dampening');
  });

  test.each([
    [
      () => sgd({ learningRate: 0.1, momentun: 0.9 } as never),
      "sgd: unknown option 'momentun'; did you mean 'momentum'?",
    ],
    [
      () => adam({ lr: 0.1 } as never),
      "adam: unknown option 'lr' (it takes learningRate, betas, eps, weightDecay, amsgrad, maximize)",
    ],
    [() => adagrad({ groups: [{ match: () => true, rho: 1 }] } as never), "adagrad: unknown option 'rho'"],
    [
      () => adamax({ groups: [{ match: () => true, eps: -1 }] }),
      'adamax: groups[0]: eps must be a finite number of at least 0, received -1',
    ],
    [
      () => rmsprop({ groups: [{ match: 'bias' as never }] }),
      'rmsprop: groups[0] needs a function match: (path) => boolean',
    ],
    [() => sgd({} as never), 'sgd: learningRate is missing'],
    [() => adadelta({ rho: null as never }), 'adadelta: rho must be from 0 to 1, received null'],
    [
      () => adam({ betas: ['0.9', 0.99] as never }),
      "adam: betas must be two numbers from 0 to below 1, received ['0.9', 0.99]",
    ],
  ])('%# names what is wrong', (make, message) => expect(make).toThrow(message));

  test('parameters and gradients must go together', () => {
    const optimizer = sgd({ learningRate: 0.1 });
    const params = { w: tensor([1, 2]) };
    const state = optimizer.init(params);
    expect(() => optimizer.update({ w: tensor([1]) }, state, params)).toThrow(
      'sgd: the gradient of w must be float32[2] like the parameter, received float32[1]',
    );
    expect(() => optimizer.update({ v: tensor([1, 2]) } as never, state, params)).toThrow(/'w'/);
    expect(() => optimizer.init({ n: tensor(1, { dtype: 'int32' }) })).toThrow(
      'sgd: parameter n must be a floating-point tensor, received int32[]',
    );
    expect(() => adam().update(params, { ...state, memory: {} }, params)).toThrow(
      'adam: the state has no exp_avg, exp_avg_sq for w',
    );
  });
});

const every: readonly [string, (rate: number | Schedule) => Optimizer<OptimizerState>][] = [
  ['sgd', (learningRate) => sgd({ learningRate, momentum: 0.9, dampening: 0.1, weightDecay: 1e-3 })],
  ['adam', (learningRate) => adam({ learningRate, amsgrad: true })],
  ['adamw', (learningRate) => adamw({ learningRate })],
  ['adagrad', (learningRate) => adagrad({ learningRate, rateDecay: 0.1 })],
  ['rmsprop', (learningRate) => rmsprop({ learningRate, momentum: 0.5, centered: true })],
  ['adadelta', (learningRate) => adadelta({ learningRate })],
  ['adamax', (learningRate) => adamax({ learningRate })],
  ['nadam', (learningRate) => nadam({ learningRate, decoupledWeightDecay: true, weightDecay: 0.01 })],
  ['radam', (learningRate) => radam({ learningRate })],
];

describe.each(every)('%s', (_name, make) => {
  interface State {
    readonly params: { readonly w: Tensor; readonly b: Tensor };
    readonly optimizer: OptimizerState;
  }
  const optimizer = make(warmRestarts({ peak: 0.1, steps: 3, growth: 2 }));
  const begin = (): State => {
    const params = {
      w: tensor([
        [0.5, -1],
        [2, 0.25],
      ]),
      b: tensor([0.1, -0.2]),
    };
    return { params, optimizer: optimizer.init(params) };
  };
  const x = tensor([
    [1, 0.5],
    [-1, 2],
  ]);
  const step = ({ params, optimizer: memory }: State, input: Tensor): [State, Tensor] => {
    const { value, grads } = valueAndGrad((p: State['params']) => sum(square(sub(mul(p.w, input), p.b))))(params);
    const [next, after] = optimizer.update(grads, memory, params);
    return [{ params: next, optimizer: after }, value];
  };
  const bits = (state: State): number[][] => (leaves(state as never) as Tensor[]).map((t) => [...t.dataSync()]);

  test('a compiled step equals the eager one bit for bit, and is compiled once', () => {
    const compiled = compile(step, { donate: 1 });
    let [eager, fast] = [begin(), begin()];
    let loss = full([], 0);
    for (let i = 0; i < 8; i++) {
      [eager] = step(eager, x);
      [fast, loss] = compiled(fast, x);
      expect(bits(fast)).toEqual(bits(eager));
    }
    expect(Number.isFinite(loss.item())).toBe(true);
    expect(compiled.size).toBe(1);
  });

  test('O6: from a saved state it goes on with the same bits', () => {
    let whole = begin();
    for (let i = 0; i < 7; i++) [whole] = step(whole, x);
    let first = begin();
    for (let i = 0; i < 3; i++) [first] = step(first, x);
    const saved = JSON.parse(JSON.stringify(bits(first))) as number[][];
    const shapes = (leaves(first as never) as Tensor[]).map(({ shape, dtype }) => ({ shape, dtype }));
    let at = 0;
    const load = (): Tensor => tensor(saved[at]!, shapes[at++]!);
    const restore = (node: unknown): unknown =>
      node === null
        ? null
        : Object.getPrototypeOf(node) === Object.prototype
          ? Object.fromEntries(Object.entries(node as object).map(([k, v]) => [k, restore(v)]))
          : load();
    let second = restore(first) as State;
    for (let i = 0; i < 4; i++) [second] = step(second, x);
    expect(bits(second)).toEqual(bits(whole));
  });

  test('it goes down hill', () => {
    const descend = make(0.01);
    let p = f64([1, -2]);
    let state = descend.init(p);
    for (let i = 0; i < 20; i++) [p, state] = descend.update(div(p, 2), state, p);
    const [a, b] = p.toArray() as [number, number];
    expect(a).toBeLessThan(1);
    expect(b).toBeGreaterThan(-2);
  });

  test('a NaN gradient is not swallowed', () => {
    const o = make(0.1);
    const p = { w: tensor([1, 2]) };
    const [next] = o.update({ w: tensor([NaN, 1]) }, o.init(p), p);
    const [first, second] = next.w.toArray() as [number, number];
    expect(first).toBeNaN();
    expect(Number.isFinite(second)).toBe(true);
  });
});

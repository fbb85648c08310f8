import * as fc from 'fast-check';
import { vjp } from '@lemmata/autograd';
import * as nn from '@lemmata/nn';
import * as t from '@lemmata/tensor';
import type { Law, Laws } from '../law.js';
import { noise } from '../noise.js';
import { expectClose, expectSame } from '../violation.js';

interface Case {
  readonly features: number;
  readonly projected: boolean;
  readonly seed: number;
}

const BATCH = 3;
const matrix = (rows: number, columns: number, seed: number, stream: number): t.Tensor =>
  t.tensor(noise(rows * columns, seed, stream), { shape: [rows, columns], dtype: 'float64' });

/** tanh of a linear map, which is no function of its input's sum with anything. */
const mapped = (w: t.Tensor): nn.Layer =>
  nn.functionLayer(
    'mapped',
    (x) => t.tanh(t.matmul(x, w)),
    () => [w.shape[1]],
  );

type Residual = (body: nn.Layer, options: { readonly shortcut?: nn.Layer }) => nn.Layer;

const applied = (layer: nn.Layer, features: number): ((x: t.Tensor) => t.Tensor) => {
  const { params, state } = layer.init(t.key(0), [features]);
  return (x) => nn.infer(layer, params, state, x);
};

const sums: Law<Residual, Case> = {
  name: 'values and gradients add up',
  statement:
    'The output is that of the body and that of the shortcut together, the input itself where there is none; so is the gradient of the input.',
  formula: 'y = f(x) + s(x), ∂L/∂x = f′(x)ᵀ g + s′(x)ᵀ g',
  subject: nn.residual as Residual,
  cases: fc.record({ features: fc.integer({ min: 1, max: 4 }), projected: fc.boolean(), seed: fc.nat(1e6) }),
  mutants: [
    { name: 'the shortcut is left out', plant: () => (body) => body },
    {
      name: 'the shortcut counts twice',
      plant:
        (f) =>
        (body, { shortcut = identity }) =>
          f(f(body, { shortcut }), { shortcut }),
    },
    {
      name: 'no gradient goes through the body',
      plant: (f) => (body, options) =>
        f(
          nn.functionLayer(
            'stopped',
            (x) => t.stopGradient(applied(body, x.shape[1])(x)),
            (shape) => body.init(t.key(0), shape).outputShape,
          ),
          options,
        ),
    },
    {
      name: 'a shortcut that is given is overlooked',
      conditional: true,
      plant: (f, bites) => (body, options) => {
        if (options.shortcut === undefined) return f(body, options);
        bites();
        return body;
      },
    },
  ],
  holds(make, { features, projected, seed }) {
    const outputs = projected ? features + 1 : features;
    const [x, g] = [matrix(BATCH, features, seed, 0), matrix(BATCH, outputs, seed, 1)];
    const body = mapped(matrix(features, outputs, seed, 2));
    const shortcut = projected ? mapped(matrix(features, outputs, seed, 3)) : undefined;
    const layer = make(body, shortcut === undefined ? {} : { shortcut });
    const one = vjp(applied(layer, features), x);
    const [f, s] = [vjp(applied(body, features), x), vjp(applied(shortcut ?? identity, features), x)];
    const [dy, df, ds] = [one, f, s].map(({ pullback }) => pullback(g)[0].dataSync());
    expectSame(
      { what: 'output', shape: g.shape, source: 'f(x) + s(x)' },
      one.value.dataSync(),
      t.add(f.value, s.value).dataSync(),
    );
    const expected = Array.from(df, (v, i) => v + ds[i]);
    expectClose({ what: 'gradient', shape: x.shape, source: 'f′ᵀg + s′ᵀg' }, dy, expected, {
      relative: 1e-12,
      absolute: 1e-12,
    });
  },
};

const identity = nn.functionLayer('identity', (x) => x);

type Parallel = (branches: Readonly<Record<string, nn.Layer>>) => nn.Layer;

const joined: Law<Parallel, Case> = {
  name: 'outputs stand one behind the other',
  statement:
    'Layers side by side read the same input; their outputs are joined along the channels in the order of the layers.',
  formula: 'y = [f(x); s(x)]',
  subject: nn.parallel as Parallel,
  cases: fc.record({ features: fc.integer({ min: 1, max: 4 }), projected: fc.boolean(), seed: fc.nat(1e6) }),
  mutants: [
    {
      name: 'in the reverse order',
      plant: (f) => (branches) => f(Object.fromEntries(Object.entries(branches).toReversed())),
    },
    {
      name: 'the second reads what the first made of its input',
      plant:
        (f) =>
        ({ a, b }) =>
          f({
            a: a,
            b: nn.functionLayer(
              'behind',
              (x) => applied(b, x.shape[1])(applied(a, x.shape[1])(x)),
              (shape) => b.init(t.key(0), shape).outputShape,
            ),
          }),
    },
  ],
  holds(make, { features, seed }) {
    const x = matrix(BATCH, features, seed, 0);
    const [a, b] = [mapped(matrix(features, features, seed, 2)), mapped(matrix(features, features, seed, 3))];
    const both = [a, b].map((layer) => applied(layer, features)(x));
    const shape = [BATCH, 2 * features];
    const received = applied(make({ a, b }), features)(x).dataSync();
    expectSame({ what: 'output', shape, source: 'each alone' }, received, t.concat(both, 1).dataSync());
  },
};

export const residualLaws: Laws = { subject: 'residual', laws: [sums] };
export const parallelLaws: Laws = { subject: 'parallel', laws: [joined] };

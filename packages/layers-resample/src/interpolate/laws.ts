import {
  type Bound,
  expectClose,
  floats,
  ints,
  type Law,
  layerLaws,
  type Laws,
  noise,
  opLaws,
  type OpSample,
  searchLaws,
} from '@lemmata/laws';
import { add, flip, mul, sum, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { interpolate, interpolateLayer, type InterpolateMode, type InterpolateOptions } from './interpolate.js';
import { Resample, ResampleAdjoint, type ResampleAttrs } from './op.js';
import { dense } from './oracle.laws.js';
import type { Method } from './taps.js';
import { interpolateCall, interpolateSearch } from './search.laws.js';

const attrs: ResampleAttrs = {
  axis: 1,
  size: 4,
  method: 'linear',
  alignCorners: false,
  scale: null,
  antialias: false,
};

const methods: readonly Method[] = ['nearest', 'nearest-exact', 'area', 'linear', 'cubic', 'linear', 'cubic'];

/** Every method with sizes, factors, aligned corners and filters, up and down. */
const samplings: fc.Arbitrary<{ attrs: ResampleAttrs; inputs: number }> = fc
  .record({
    inputs: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 7 }),
    factor: fc.constantFrom(null, 0.6, 1.7, 2, 2.5, 1.3),
    method: fc.constantFrom(...methods),
    alignCorners: fc.boolean(),
    antialias: fc.boolean(),
  })
  .map(({ inputs, size, factor, method, alignCorners, antialias }) => {
    const smooth = method === 'linear' || method === 'cubic';
    const rounded = Math.floor(inputs * (factor ?? 0));
    const byFactor = factor !== null && rounded > 0;
    return {
      inputs,
      attrs: {
        ...attrs,
        method,
        size: byFactor ? rounded : size,
        scale: byFactor ? factor : null,
        alignCorners: smooth && alignCorners,
        antialias: smooth && antialias,
      },
    };
  });

const weights: Bound = { relative: 1e-13, absolute: 1e-12, reason: 'weights such as one third are rounded' };

const op: Laws = opLaws<ResampleAttrs>(Resample, {
  samples: samplings.map(({ attrs, inputs }): OpSample<ResampleAttrs> => ({ attrs, inputs: [floats([2, inputs, 2])] })),
  linearBound: weights,
  invalid: [
    { attrs: { ...attrs, size: 0 }, inputs: [floats([2, 3, 2])], throws: /at least one element/ },
    { attrs, inputs: [floats([2, 0, 2])], throws: /at least one element/ },
    { attrs, inputs: [ints([2, 3, 2])], throws: /needs float32 or float64/ },
    {
      attrs: { ...attrs, method: 'nearest' },
      inputs: [{ shape: [2, 3, 2], dtype: 'bool' }],
      throws: /must be numbers/,
    },
  ],
  oracle: (a, x) => dense(a, x, x.shape[1], false),
});

const adjoint: Laws = opLaws(ResampleAdjoint, {
  samples: samplings.map(
    ({ attrs, inputs }): OpSample<ResampleAttrs & { from: number }> => ({
      attrs: { ...attrs, from: inputs },
      inputs: [floats([2, attrs.size, 2])],
    }),
  ),
  linearBound: weights,
  invalid: [
    {
      attrs: { ...attrs, from: 3 },
      inputs: [floats([2, 3, 2])],
      throws: /must have the size of the result \(axis 1, received 3, expected 4\)\.\n {2}shapes: y \[2, 3, 2\]$/,
    },
    { attrs: { ...attrs, from: 0 }, inputs: [floats([2, 4, 2])], throws: /at least one element/ },
  ],
  oracle: (a, y) => dense(a, y, a.from, true),
});

type Interpolate = (x: Tensor, options: InterpolateOptions) => Tensor;

interface Case {
  readonly seed: number;
  readonly size: readonly [number, number];
  readonly mode: InterpolateMode;
  readonly alignCorners: boolean;
}

const averaging: readonly InterpolateMode[] = ['bilinear', 'bicubic', 'area'];
const cases = (modes: readonly InterpolateMode[]): fc.Arbitrary<Case> =>
  fc.record({
    seed: fc.nat(1e6),
    size: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 9 })),
    mode: fc.constantFrom(...modes),
    alignCorners: fc.boolean(),
  });
const [H, W] = [3, 4];
const image = (seed: number): Tensor => tensor(noise(2 * H * W, seed), { shape: [1, 2, H, W] });
const optionsOf = ({ size, mode, alignCorners }: Case): InterpolateOptions =>
  mode === 'bilinear' || mode === 'bicubic' ? { size, mode, alignCorners } : { size, mode };
const close = { relative: 1e-12, absolute: 1e-12 };

const constants: Law<Interpolate, Case> = {
  name: 'what is constant stays constant',
  statement: 'The weights of every result add up to 1: an offset of the picture is an offset of the result.',
  formula: 'f(x + c) = f(x) + c',
  subject: interpolate,
  cases: cases([...averaging, 'nearest', 'nearest-exact']),
  mutants: [
    { name: 'results 1 % too large', plant: (f) => (x, o) => mul(f(x, o), 1.01) },
    { name: 'a squared picture', plant: (f) => (x, o) => mul(f(x, o), f(x, o)) },
  ],
  holds(f, example) {
    const [x, options] = [image(example.seed), optionsOf(example)];
    const expected = add(f(x, options), 3);
    expectClose(
      { what: 'result', shape: expected.shape },
      f(add(x, 3), options).dataSync(),
      expected.dataSync(),
      close,
    );
  },
};

const mirror: Law<Interpolate, Case> = {
  name: 'C14: a mirrored picture gives the mirrored result',
  statement: 'Left and right, top and bottom are treated alike, for pictures that are not square.',
  formula: 'f(Jx) = J f(x)',
  subject: interpolate,
  // Nearest rounds down: it has a side; so has a single element, which takes the first where corners are aligned.
  cases: cases(averaging).filter(({ size, alignCorners }) => !alignCorners || size.every((n) => n > 1)),
  mutants: [
    { name: 'elements to the right count for more', plant: (f) => (x, o) => f(mul(x, tilt), o) },
    {
      name: 'nearest',
      plant:
        (f) =>
        (x, { size }) =>
          f(x, { size: [(size as number[])[0] + 1, (size as number[])[1] + 1] }),
    },
  ],
  holds(f, example) {
    const [x, options] = [image(example.seed), optionsOf(example)];
    const expected = flip(f(x, options), [2, 3]);
    expectClose(
      { what: 'result', shape: expected.shape },
      f(flip(x, [2, 3]), options).dataSync(),
      expected.dataSync(),
      close,
    );
  },
};
const tilt: Tensor = tensor([0.9, 1, 1.1, 1.2], { dtype: 'float64' });

const ramps: Law<Interpolate, Case> = {
  name: 'bilinear interpolation draws straight lines',
  statement: 'With corners aligned, a plane a + b·i + c·j stays a plane through the same corners.',
  formula: 'f(a + b·i + c·j) = a + b·i′(H−1)/(H′−1) + c·j′(W−1)/(W′−1)',
  subject: interpolate,
  cases: cases(['bilinear']).filter(({ size }) => size[0] > 1),
  mutants: [
    { name: 'edges are aligned instead', plant: (f) => (x, o) => f(x, { ...o, alignCorners: false }) },
    {
      name: 'the nearest element',
      plant:
        (f) =>
        (x, { size }) =>
          f(x, { size }),
    },
  ],
  holds(f, { seed, size }) {
    const [b, c] = noise(2, seed);
    const plane = (rows: number, columns: number): Tensor =>
      tensor(
        Float64Array.from({ length: rows * columns }, (_, n) => {
          const [i, j] = [Math.floor(n / columns), n % columns];
          return 1 + (b * i * (H - 1)) / (rows - 1) + (c * j * (W - 1)) / (columns - 1);
        }),
        { shape: [1, 1, rows, columns] },
      );
    const expected = plane(...size);
    const received = f(plane(H, W), { size, mode: 'bilinear', alignCorners: true });
    expectClose({ what: 'plane', shape: expected.shape }, received.dataSync(), expected.dataSync(), close);
  },
};

const mass: Law<Interpolate, { readonly seed: number; readonly by: readonly [number, number] }> = {
  name: 'whole factors repeat, and averages undo it',
  statement:
    'Enlarged to the nearest by whole factors and averaged by area back again, a picture is as it was; its sum grows by the factors.',
  formula: 'area(nearest(x)) = x, Σ nearest(x) = k·l Σ x',
  subject: interpolate,
  cases: fc.record({ seed: fc.nat(1e6), by: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 })) }),
  mutants: [
    {
      name: 'every second element is missed',
      plant: (f) => (x, o) =>
        o.mode === 'nearest' ? f(mul(x, tensor([1, 0, 1, 0], { dtype: 'float64' })), o) : f(x, o),
    },
    { name: 'results 1 % too large', plant: (f) => (x, o) => mul(f(x, o), 1.01) },
  ],
  holds(f, { seed, by }) {
    const x = image(seed);
    const large = f(x, { scaleFactor: by, mode: 'nearest' });
    const back = f(large, { size: [H, W], mode: 'area' });
    expectClose({ what: 'sum', shape: [1] }, sum(large).dataSync(), [by[0] * by[1] * sum(x).item()], {
      relative: 1e-9,
      absolute: 1e-9,
    });
    expectClose({ what: 'picture', shape: x.shape }, back.dataSync(), x.dataSync(), close);
  },
};

const layers: Laws = layerLaws('interpolate layer', {
  samples: [
    { layer: interpolateLayer({ scaleFactor: 2 }), inputShape: [1, 2, 3] },
    { layer: interpolateLayer({ size: [3, 2], mode: 'bilinear', alignCorners: true }), inputShape: [2, 2, 3] },
    { layer: interpolateLayer({ scaleFactor: 1.7, mode: 'linear' }), inputShape: [1, 3] },
    { layer: interpolateLayer({ size: 2, mode: 'trilinear' }), inputShape: [1, 1, 2, 3] },
  ],
  invalid: [
    { layer: interpolateLayer({ scaleFactor: 0.1 }), inputShape: [1, 3, 3], throws: /sizes must be at least 1/ },
    {
      layer: interpolateLayer({ size: 2, mode: 'linear' }),
      inputShape: [1, 3, 3],
      throws: /takes \[N, C, \.\.\.spatial\] with 1/,
    },
  ],
});

/** Of the op and its adjoint, of interpolation as a function, and of the layer. */
export const laws: readonly Laws[] = [
  op,
  adjoint,
  { subject: 'interpolate', laws: [constants, mirror, ramps, mass] },
  layers,
  searchLaws('interpolate', interpolateCall, interpolateSearch),
];

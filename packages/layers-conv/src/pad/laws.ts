import {
  expectSame,
  floats,
  functionOp,
  layerLaws,
  type Law,
  type Laws,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { flip, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { walk } from '../conv/oracle.laws.js';
import { pad1d, pad1dLayer, pad2d, pad2dLayer, pad3d, pad3dLayer, type SpatialPadOptions } from './pad.js';
import { padCall, padSearch } from './search.laws.js';

interface Attrs {
  readonly padding: readonly (readonly [number, number])[];
  readonly mode: 'constant' | 'reflect' | 'replicate' | 'circular';
}

const axis = fc
  .record({ size: fc.integer({ min: 1, max: 4 }), before: fc.nat(4), after: fc.nat(4) })
  .map(({ size, ...sides }) => ({ size, sides }));

const situations: fc.Arbitrary<OpSample<Attrs>> = fc
  .record({
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    mode: fc.constantFrom<Attrs['mode'][]>('constant', 'reflect', 'replicate', 'circular'),
    batch: fc.constantFrom(1, 2, 1, 2, 0),
    channels: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ axes, mode, batch, channels }) => {
    const limit = (size: number): number => (mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Infinity);
    const padding = axes.map(({ size, sides }): [number, number] => [
      Math.min(sides.before, limit(size)),
      Math.min(sides.after, limit(size)),
    ]);
    return { attrs: { padding, mode }, inputs: [floats([batch, channels, ...axes.map(({ size }) => size)])] };
  });

const functionLaws: Laws = opLaws(
  functionOp('pad of images', (attrs: Attrs, x: Tensor) => [pad1d, pad2d, pad3d][x.rank - 3](x, attrs)),
  {
    samples: situations,
    invalid: [
      { attrs: { padding: [[3, 0]], mode: 'reflect' }, inputs: [floats([1, 1, 3])], throws: /below the 3 elements/ },
      { attrs: { padding: [[0, 4]], mode: 'circular' }, inputs: [floats([1, 1, 3])], throws: /at most the 3 elements/ },
      { attrs: { padding: [[-2, -2]], mode: 'constant' }, inputs: [floats([1, 1, 3])], throws: /takes 4 of 3/ },
    ],
    // A convolution of every plane with a kernel of one element that is 1.
    oracle({ padding, mode }, x) {
      const [batch, channels, ...size] = x.shape;
      const shape = [batch, channels, ...size.map((n, a) => n + padding[a][0] + padding[a][1])];
      const data = new Array<number>(sizeOf(shape)).fill(0);
      const ones = size.map(() => 1);
      const fill = mode === 'constant' ? 'zeros' : mode;
      const rule = { stride: ones, dilation: ones, padding, groups: 1, fill } as const;
      const images = batch * channels;
      walk(
        { ...rule, x: [images, 1, ...size], w: [1, 1, ...ones], y: [images, 1, ...shape.slice(2)] },
        (i, _, j) => (data[j] = x.data[i]),
      );
      return { shape, data };
    },
  },
);

type Pad = (x: Tensor, options: SpatialPadOptions) => Tensor;

const mirrored: Law<
  Pad,
  { readonly mode: 'reflect' | 'replicate' | 'circular'; readonly sides: [number, number]; readonly seed: number }
> = {
  name: 'left and right are alike',
  statement: 'The mirror image of a padded image is the mirror image padded on the other sides.',
  formula: 'flip(pad(x, [a, b])) = pad(flip(x), [b, a])',
  subject: pad2d,
  cases: fc.record({
    mode: fc.constantFrom('reflect', 'replicate', 'circular'),
    sides: fc.tuple(fc.nat(3), fc.nat(3)),
    seed: fc.nat(1e6),
  }),
  mutants: [
    {
      name: 'the sides are exchanged',
      plant: (pad, bites) => (x, options) => {
        const [[a, b]] = options.padding as [[number, number]];
        if (a !== b) bites();
        // On one of two sides of the law only.
        return pad(x, { ...options, padding: [x.dataSync()[0] < x.dataSync()[x.size - 1] ? [b, a] : [a, b], 0] });
      },
      conditional: true,
    },
    {
      name: 'what is beyond the end is always wrapped',
      plant: (pad, bites) => (x, options) => {
        const [[a, b]] = options.padding as [[number, number]];
        const after = pad(x, { mode: 'circular', padding: [[0, b], 0] });
        if (a > 0 && b > 0) bites();
        return pad(after, { ...options, padding: [[a, 0], 0] });
      },
      conditional: true,
    },
  ],
  holds(pad, { mode, sides: [a, b], seed }) {
    const x = tensor(smallIntegers(20, seed), { shape: [1, 1, 4, 5] });
    const received = flip(pad(x, { mode, padding: [[a, b], 0] }), 2);
    const expected = pad(flip(x, 2), { mode, padding: [[b, a], 0] });
    const compared = { what: 'flip(pad(x))', shape: expected.shape, source: 'pad(flip(x))' };
    expectSame(compared, received.dataSync(), expected.dataSync(), 'number');
  },
};

const layers: Laws = layerLaws('pad layers', {
  samples: [
    { layer: pad2dLayer({ padding: [1, [0, 2]] }), inputShape: [2, 3, 4] },
    { layer: pad2dLayer({ padding: [[2, 1], -1], mode: 'reflect' }), inputShape: [1, 3, 4] },
    { layer: pad1dLayer({ padding: [[0, 3]], mode: 'circular' }), inputShape: [2, 3] },
    { layer: pad3dLayer({ padding: 1, mode: 'replicate' }), inputShape: [1, 1, 2, 2] },
    { layer: pad1dLayer({ padding: 1, value: -1.5 }), inputShape: [2, 3] },
  ],
  invalid: [
    { layer: pad2dLayer({ padding: 1 }), inputShape: [3, 4], throws: /pad2d: the input must have 3 axes/ },
    { layer: pad2dLayer({ padding: 3, mode: 'reflect' }), inputShape: [1, 3, 4], throws: /below the 3 elements/ },
  ],
});

/** Of padding as a function of images, and of the layers. Those of the op are among the laws of the core. */
export const laws: readonly Laws[] = [
  functionLaws,
  { subject: 'pad2d', laws: [mirrored] },
  searchLaws('pad', padCall, padSearch),
  layers,
];

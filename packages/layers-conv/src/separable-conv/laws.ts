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
  Violation,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { maximum, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { conv2d } from '../conv/index.js';
import { countWindows, walk } from '../conv/oracle.laws.js';
import { situations } from '../conv/samples.laws.js';
import {
  separableConv1d,
  separableConv1dLayer,
  separableConv2d,
  separableConv2dLayer,
  separableConv3d,
  separableConv3dLayer,
  type SeparableConvOptions,
} from './separable-conv.js';
import { separableCall, separableSearch } from './search.laws.js';

interface Attrs {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
}

const axis: Attrs = { stride: [1], dilation: [1], padding: [[0, 0]] };

const functionLaws: Laws = opLaws(
  functionOp('separableConv', (attrs: Attrs, x: Tensor, d: Tensor, p: Tensor) =>
    [separableConv1d, separableConv2d, separableConv3d][x.rank - 3](x, d, p, null, attrs),
  ),
  {
    samples: situations.map(({ x, w, attrs: { groups, ...attrs } }): OpSample<Attrs> => {
      const [batch, outChannels, ...size] = x;
      const [filters, , ...kernel] = w;
      return {
        attrs,
        inputs: [
          floats([batch, groups, ...size]),
          floats([filters, 1, ...kernel]),
          floats([outChannels, filters, ...kernel.map(() => 1)]),
        ],
      };
    }),
    invalid: [
      {
        attrs: axis,
        inputs: [floats([1, 2, 4]), floats([2, 1, 2]), floats([3, 3, 1])],
        throws: /separableConv1d > pointwise: the weight reads 3 channels a group, but the input has 2/,
      },
      {
        attrs: axis,
        inputs: [floats([1, 2, 4]), floats([3, 1, 2]), floats([3, 3, 1])],
        throws: /separableConv1d > depthwise: groups 2 must divide the 3 filters/,
      },
    ],
    // Σ over filters f and k of p[o, f] · d[f, k] · x[channel of f, i(j, k)]
    oracle({ stride, dilation, padding }, x, d, p) {
      const sizes = padding.map((sides, i) =>
        countWindows(x.shape[i + 2], d.shape[i + 2], stride[i], dilation[i], [...sides]),
      );
      const [batch, channels] = x.shape;
      const [filters] = d.shape;
      const [outChannels] = p.shape;
      const shape = [batch, outChannels, ...sizes];
      const data = new Array<number>(sizeOf(shape)).fill(0);
      const plane = sizeOf(sizes);
      walk(
        { stride, dilation, padding, groups: channels, x: x.shape, w: d.shape, y: [batch, filters, ...sizes] },
        (i, k, j) => {
          const [n, f] = [Math.floor(j / plane / filters), Math.floor(j / plane) % filters];
          for (let o = 0; o < outChannels; o++)
            data[(n * outChannels + o) * plane + (j % plane)] += p.data[o * filters + f] * d.data[k] * x.data[i];
        },
      );
      return { shape, data };
    },
  },
);

type Separable = (x: Tensor, d: Tensor, p: Tensor, options: SeparableConvOptions) => Tensor;

const factored: Law<Separable, { readonly multiplier: number; readonly stride: number; readonly seed: number }> = {
  name: 'a convolution with a factored weight',
  statement: 'The two steps are one convolution whose weight is the product of theirs.',
  formula: 'w[o, c, k] = Σ over m of p[o, cM + m] · d[cM + m, k]',
  subject: (x, d, p, options) => separableConv2d(x, d, p, null, options),
  cases: fc.record({
    multiplier: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(1e6),
  }),
  mutants: [
    { name: 'negative results become 0', plant: (f) => (x, d, p, o) => maximum(f(x, d, p, o), 0) },
    {
      name: 'the filters of the last channel come first',
      plant: (f) => (x, d, p, o) => {
        const data = Array.from(d.dataSync());
        const own = data.length / x.shape[1];
        return f(x, tensor([...data.slice(-own), ...data.slice(0, -own)], { shape: d.shape, dtype: 'float64' }), p, o);
      },
    },
  ],
  holds(f, { multiplier: M, stride, seed }) {
    const draw = (shape: readonly number[], stream: number): Tensor =>
      tensor(smallIntegers(sizeOf(shape), seed, stream), { shape });
    const [x, d, p] = [draw([2, 2, 5, 4], 0), draw([2 * M, 1, 2, 3], 1), draw([3, 2 * M, 1, 1], 2)];
    const [D, P] = [d.dataSync(), p.dataSync()];
    const w = Float64Array.from({ length: 3 * 2 * 6 }, (_, i) => {
      const [o, c, k] = [Math.floor(i / 12), Math.floor(i / 6) % 2, i % 6];
      let sum = 0;
      for (let m = 0; m < M; m++) sum += P[o * 2 * M + c * M + m] * D[(c * M + m) * 6 + k];
      return sum;
    });
    const options = { stride, padding: 1 };
    const expected = conv2d(x, tensor(w, { shape: [3, 2, 2, 3] }), null, options);
    const received = f(x, d, p, options);
    if (String(received.shape) !== String(expected.shape))
      throw new Violation({ what: 'shape', received: received.shape, expected: expected.shape });
    const compared = { what: 'y', shape: expected.shape, source: 'one convolution' };
    expectSame(compared, received.dataSync(), expected.dataSync(), 'number');
  },
};

const layers: Laws = layerLaws('separable convolution layers', {
  samples: [
    { layer: separableConv2dLayer({ outChannels: 3, kernelSize: 3, padding: 1 }), inputShape: [2, 3, 4] },
    {
      layer: separableConv2dLayer({ outChannels: 2, kernelSize: [1, 2], stride: 2, multiplier: 2, bias: false }),
      inputShape: [3, 3, 4],
    },
    { layer: separableConv1dLayer({ outChannels: 2, kernelSize: 3, dilation: 2 }), inputShape: [2, 6] },
    { layer: separableConv3dLayer({ outChannels: 2, kernelSize: 2 }), inputShape: [1, 2, 2, 3] },
  ],
  invalid: [
    {
      layer: separableConv2dLayer({ outChannels: 2, kernelSize: 3 }),
      inputShape: [2, 2, 5],
      throws: /separableConv2d: the kernel spans 3/,
    },
    { layer: separableConv2dLayer({ outChannels: 2, kernelSize: 3 }), inputShape: [5, 5], throws: /axes/ },
  ],
});

/** Of separable convolution as a function, and of the layers. */
export const laws: readonly Laws[] = [
  functionLaws,
  { subject: 'separableConv2d', laws: [factored] },
  searchLaws('separableConv', separableCall, separableSearch),
  layers,
];

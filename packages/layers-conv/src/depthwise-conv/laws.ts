import {
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
import { add, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { countWindows, walk } from '../conv/oracle.laws.js';
import { situations } from '../conv/samples.laws.js';
import {
  depthwiseConv1d,
  depthwiseConv1dLayer,
  depthwiseConv2d,
  depthwiseConv2dLayer,
  depthwiseConv3d,
  depthwiseConv3dLayer,
  type DepthwiseConvOptions,
} from './depthwise-conv.js';
import { depthwiseCall, depthwiseSearch } from './search.laws.js';

interface Attrs {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
}

const functionLaws: Laws = opLaws(
  functionOp('depthwiseConv', (attrs: Attrs, x: Tensor, w: Tensor) =>
    [depthwiseConv1d, depthwiseConv2d, depthwiseConv3d][x.rank - 3](x, w, null, attrs),
  ),
  {
    samples: situations.map(({ x, w, attrs: { groups, ...attrs } }): OpSample<Attrs> => {
      const [batch, , ...size] = x;
      const [filters, , ...kernel] = w;
      return { attrs, inputs: [floats([batch, groups, ...size]), floats([filters, 1, ...kernel])] };
    }),
    invalid: [
      {
        attrs: { stride: [1], dilation: [1], padding: [[0, 0]] },
        inputs: [floats([1, 2, 4]), floats([3, 1, 2])],
        throws: /groups 2 must divide the 3 filters/,
      },
      {
        attrs: { stride: [1], dilation: [1], padding: [[0, 0]] },
        inputs: [floats([1, 2, 4]), floats([2, 2, 2])],
        throws: /the weight reads 2 channels a group/,
      },
      {
        attrs: { stride: [1], dilation: [1], padding: [[0, 0]] },
        inputs: [floats([1, 0, 4]), floats([2, 1, 2])],
        throws: /at least one channel/,
      },
    ],
    oracle({ stride, dilation, padding }, x, w) {
      const sizes = padding.map((sides, i) =>
        countWindows(x.shape[i + 2], w.shape[i + 2], stride[i], dilation[i], [...sides]),
      );
      const [batch, channels] = x.shape;
      const [filters] = w.shape;
      const shape = [batch, filters, ...sizes];
      const data = new Array<number>(sizeOf(shape)).fill(0);
      const planes = { x: sizeOf(x.shape.slice(2)), w: sizeOf(w.shape.slice(2)), y: sizeOf(sizes) };
      // One plane and one filter at a time.
      for (let n = 0; n < batch; n++) {
        for (let o = 0; o < filters; o++) {
          const channel = Math.floor(o / (filters / channels));
          const one = { x: [1, 1, ...x.shape.slice(2)], w: [1, 1, ...w.shape.slice(2)], y: [1, 1, ...sizes] };
          walk({ stride, dilation, padding, groups: 1, ...one }, (i, k, j) => {
            data[(n * filters + o) * planes.y + j] +=
              x.data[(n * channels + channel) * planes.x + i] * w.data[o * planes.w + k];
          });
        }
      }
      return { shape, data };
    },
  },
);

type Depthwise = (x: Tensor, weight: Tensor, options: DepthwiseConvOptions) => Tensor;

const apart: Law<Depthwise, { readonly channel: number; readonly multiplier: number; readonly seed: number }> = {
  name: 'channels do not see each other',
  statement: 'A change in one channel changes the outputs of its own filters and no others.',
  formula: 'x′ = x outside of channel c ⇒ y′ = y outside of filters cM … cM + M − 1',
  subject: (x, weight, options) => depthwiseConv2d(x, weight, null, options),
  cases: fc.record({ channel: fc.nat(2), multiplier: fc.integer({ min: 1, max: 2 }), seed: fc.nat(1e6) }),
  mutants: [
    { name: 'every output has the mean of the input added', plant: (f) => (x, w, o) => add(f(x, w, o), total(x)) },
    {
      name: 'channels are exchanged',
      plant: (f) => (x, w, o) => f(tensor(rotated(x), { shape: x.shape }), w, o),
    },
  ],
  holds(f, { channel, multiplier, seed }) {
    const x = tensor(smallIntegers(3 * 20, seed, 0), { shape: [1, 3, 4, 5] });
    // No weight is 0: every change shows.
    const w = tensor(
      smallIntegers(3 * multiplier * 4, seed, 1).map((v) => 2 * v + 1),
      { shape: [3 * multiplier, 1, 2, 2] },
    );
    const other = tensor(
      x.dataSync().map((v, i) => (i === channel * 20 + 7 ? v + 1 : v)),
      { shape: x.shape },
    );
    const [y, changed] = [f(x, w, {}).dataSync(), f(other, w, {}).dataSync()];
    for (let o = 0; o < 3 * multiplier; o++) {
      const differs = Array.from({ length: 12 }, (_, j) => y[o * 12 + j] !== changed[o * 12 + j]).includes(true);
      const expected = Math.floor(o / multiplier) === channel;
      if (differs !== expected) throw new Violation({ what: `filter ${o} changed`, received: differs, expected });
    }
  },
};

function total(x: Tensor): Tensor {
  return tensor([Array.from(x.dataSync()).reduce((sum, v) => sum + v, 0)], { shape: [1, 1, 1, 1], dtype: 'float64' });
}

/** The elements of the last channel first. */
function rotated(x: Tensor): number[] {
  const data = Array.from(x.dataSync());
  const plane = data.length / x.shape[1];
  return [...data.slice(-plane), ...data.slice(0, -plane)];
}

const layers: Laws = layerLaws('depthwise convolution layers', {
  samples: [
    { layer: depthwiseConv2dLayer({ kernelSize: 3, padding: 1 }), inputShape: [2, 3, 4] },
    {
      layer: depthwiseConv2dLayer({ kernelSize: [1, 2], stride: 2, multiplier: 2, bias: false }),
      inputShape: [3, 3, 4],
    },
    { layer: depthwiseConv1dLayer({ kernelSize: 3, padding: 'same', paddingMode: 'circular' }), inputShape: [2, 4] },
    { layer: depthwiseConv3dLayer({ kernelSize: 2 }), inputShape: [2, 2, 2, 3] },
  ],
  invalid: [
    { layer: depthwiseConv2dLayer({ kernelSize: 3 }), inputShape: [2, 2, 5], throws: /the kernel spans 3/ },
    { layer: depthwiseConv2dLayer({ kernelSize: 3 }), inputShape: [0, 5, 5], throws: /at least one channel/ },
    { layer: depthwiseConv2dLayer({ kernelSize: 3, inChannels: 3 }), inputShape: [2, 5, 5], throws: /inChannels/ },
    { layer: depthwiseConv2dLayer({ kernelSize: 3 }), inputShape: [5, 5], throws: /axes/ },
  ],
});

/** Of depthwise convolution as a function, and of the layers. */
export const laws: readonly Laws[] = [
  functionLaws,
  { subject: 'depthwiseConv2d', laws: [apart] },
  searchLaws('depthwiseConv', depthwiseCall, depthwiseSearch),
  layers,
];

import { floats, layerLaws, type Laws, type NdArray, opLaws, type OpSample, searchLaws } from '@lemmata/laws';
import type { Shape } from '@lemmata/shape';
import { conv1dLayer, conv2dLayer, conv3dLayer } from './conv.js';
import { familyLaws } from './family.laws.js';
import { circularLaws, fillLaws } from './fill.laws.js';
import {
  type ConvAttrs,
  Convolution,
  ConvolutionInputGradient,
  ConvolutionWeightGradient,
  type OpenAttrs,
} from './op.js';
import { countWindows, walk } from './oracle.laws.js';
import { situations } from './samples.laws.js';
import { convCall, convSearch } from './search.laws.js';

const plain: ConvAttrs = {
  stride: [1, 1],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  groups: 1,
};

/** Input, weight and output of a valid convolution, of which the refused calls below change one thing. */
const [x, w, y] = [floats([1, 2, 4, 4]), floats([3, 2, 3, 3]), floats([1, 3, 2, 2])];

const convolutionLaws: Laws = opLaws(Convolution, {
  samples: situations.map(({ x, w, attrs }): OpSample<ConvAttrs> => ({ attrs, inputs: [floats(x), floats(w)] })),
  invalid: [
    { attrs: plain, inputs: [x, floats([3, 1, 3, 3])], throws: /reads 1 channels a group, but the input has 2/ },
    { attrs: { ...plain, groups: 2 }, inputs: [x, floats([3, 1, 3, 3])], throws: /groups 2 must divide the 3 filters/ },
    { attrs: plain, inputs: [x, floats([3, 2, 5, 3])], throws: /the kernel spans 5, but the padded input has 4/ },
    { attrs: { ...plain, dilation: [2, 1] }, inputs: [x, w], throws: /the kernel spans 2 \* \(3 - 1\) \+ 1 = 5/ },
    { attrs: plain, inputs: [x, floats([3, 2, 3])], throws: /must have as many axes/ },
    { attrs: plain, inputs: [x, { ...w, dtype: 'int32' }], throws: /x, w must be all float32, or all float64/ },
  ],
  oracle(attrs, x, w) {
    const { stride, dilation, padding } = attrs;
    const sizes = padding.map((sides, i) =>
      countWindows(x.shape[i + 2], w.shape[i + 2], stride[i], dilation[i], sides),
    );
    const shape = [x.shape[0], w.shape[0], ...sizes];
    const y = zeros(shape);
    walk({ ...attrs, x: x.shape, w: w.shape, y: shape }, (i, k, j) => (y.data[j] += x.data[i] * w.data[k]));
    return y;
  },
});

const inputGradientLaws: Laws = opLaws(ConvolutionInputGradient, {
  samples: situations.map(
    ({ x, w, y, attrs }): OpSample<OpenAttrs> => ({
      attrs: { ...attrs, size: x.slice(2) },
      inputs: [floats(y), floats(w)],
    }),
  ),
  invalid: [
    {
      attrs: { ...plain, size: [4, 5] },
      inputs: [y, w],
      throws: /has the shape of y.*received \[1, 3, 2, 2\], expected \[1, 3, 2, 3\]/,
    },
    { attrs: { ...plain, size: [2, 2] }, inputs: [y, w], throws: /the kernel spans 3/ },
    {
      attrs: { ...plain, size: [4, 4] },
      inputs: [y, { ...w, dtype: 'int32' }],
      throws: /y, w must be all float32, or all float64/,
    },
  ],
  oracle(attrs, y, w) {
    const x = zeros([y.shape[0], w.shape[1] * attrs.groups, ...attrs.size]);
    walk({ ...attrs, x: x.shape, w: w.shape, y: y.shape }, (i, k, j) => (x.data[i] += w.data[k] * y.data[j]));
    return x;
  },
});

const weightGradientLaws: Laws = opLaws(ConvolutionWeightGradient, {
  samples: situations.map(
    ({ x, w, y, attrs }): OpSample<OpenAttrs> => ({
      attrs: { ...attrs, size: w.slice(2) },
      inputs: [floats(x), floats(y)],
    }),
  ),
  invalid: [
    {
      attrs: { ...plain, size: [3, 2] },
      inputs: [x, y],
      throws: /has the shape of y.*received \[1, 3, 2, 2\], expected \[1, 3, 2, 3\]/,
    },
    {
      attrs: { ...plain, groups: 3, size: [3, 3] },
      inputs: [x, y],
      throws: /groups 3 must divide the 2 input channels/,
    },
    {
      attrs: { ...plain, size: [3, 3] },
      inputs: [x, { ...y, dtype: 'int32' }],
      throws: /x, y must be all float32, or all float64/,
    },
  ],
  oracle(attrs, x, y) {
    const w = zeros([y.shape[1], x.shape[1] / attrs.groups, ...attrs.size]);
    walk({ ...attrs, x: x.shape, w: w.shape, y: y.shape }, (i, k, j) => (w.data[k] += x.data[i] * y.data[j]));
    return w;
  },
});

const layers: Laws = layerLaws('conv layers', {
  samples: [
    { layer: conv2dLayer({ outChannels: 2, kernelSize: 3, padding: 1 }), inputShape: [2, 4, 5] },
    {
      layer: conv2dLayer({ outChannels: 4, kernelSize: [2, 3], stride: [1, 2], groups: 2, bias: false }),
      inputShape: [2, 3, 5],
    },
    { layer: conv1dLayer({ outChannels: 2, kernelSize: 2, dilation: 2, padding: 'same' }), inputShape: [3, 5] },
    { layer: conv3dLayer({ outChannels: 1, kernelSize: 2 }), inputShape: [1, 2, 3, 2] },
    {
      layer: conv2dLayer({ outChannels: 2, kernelSize: 3, padding: [2, [0, 1]], paddingMode: 'reflect' }),
      inputShape: [1, 3, 4],
    },
    {
      layer: conv1dLayer({ outChannels: 2, kernelSize: 4, stride: 2, padding: 'same-upper', paddingMode: 'circular' }),
      inputShape: [2, 5],
    },
  ],
  invalid: [
    { layer: conv2dLayer({ outChannels: 2, kernelSize: 3 }), inputShape: [2, 2, 5], throws: /the kernel spans 3/ },
    {
      layer: conv2dLayer({ outChannels: 2, kernelSize: 3, groups: 2 }),
      inputShape: [3, 5, 5],
      throws: /groups 2 must divide/,
    },
    { layer: conv2dLayer({ outChannels: 2, kernelSize: 3 }), inputShape: [5, 5], throws: /axes/ },
    {
      layer: conv2dLayer({ outChannels: 2, kernelSize: 3, padding: 4, paddingMode: 'reflect' }),
      inputShape: [1, 5, 4],
      throws: /conv2d: reflect padding must be below the 4 elements that it mirrors/,
    },
  ],
});

/** Of the three ops, of convolution as a function, with every kind of padding, and of the layers. */
export const laws: readonly Laws[] = [
  convolutionLaws,
  inputGradientLaws,
  weightGradientLaws,
  familyLaws,
  fillLaws,
  circularLaws,
  searchLaws('conv', convCall, convSearch),
  layers,
];

function zeros(shape: Shape): NdArray & { readonly data: number[] } {
  return { shape, data: new Array<number>(shape.reduce((product, n) => product * n, 1)).fill(0) };
}

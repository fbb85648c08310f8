import {
  allLaws,
  floats,
  functionOp,
  type Laws,
  layerLaws,
  type NdArray,
  normalisationLaws,
  opLaws,
  uniform,
  searchLaws,
} from '@lemmata/laws';
import type { Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { modeLaw } from '../family.laws.js';
import { gradientsByJacobian } from '../gradient.laws.js';
import { rmsNormLayer } from './layer.js';
import { RmsNorm, RmsNormGradient } from './op.js';
import { rmsNorm } from './rms-norm.js';
import { rmsNormCall, rmsNormSearch } from './search.laws.js';

const eps = 1e-2;

/** Output and mean square of rows of n elements, by sums over indices. */
function normalised(x: NdArray, weight: NdArray): { y: number[]; squares: number[] } {
  const n = weight.data.length;
  const y = Array.from(x.data);
  const squares: number[] = [];
  for (let start = 0; start < y.length; start += n) {
    let total = 0;
    for (let i = 0; i < n; i++) total += x.data[start + i] ** 2;
    squares.push(total / n);
    for (let i = 0; i < n; i++) y[start + i] = (x.data[start + i] / Math.sqrt(total / n + eps)) * weight.data[i];
  }
  return { y, squares };
}

const float32Bound = {
  relative: 2e-5,
  absolute: 2e-5,
  reason: '1 / √(mean square + ε) is up to 10, and its cube up to 1000 where a row is small',
};

const op: Laws = opLaws(RmsNorm, {
  samples: [
    { attrs: { eps }, inputs: [floats([3, 4]), floats([4])] },
    { attrs: { eps }, inputs: [floats([2, 1]), floats([1])] },
  ],
  invalid: [
    {
      attrs: { eps },
      inputs: [floats([2, 3, 4]), floats([4])],
      throws: /x is \[R, M\] \(received \[2, 3, 4\]\)\.\n {2}shapes: x \[2, 3, 4\], weight \[4\]$/,
    },
    { attrs: { eps }, inputs: [floats([3, 4]), floats([3])], throws: /weight is \[4\] \(received \[3\]\)/ },
    { attrs: { eps }, inputs: [floats([3, 4]), floats([4, 1])], throws: /weight is \[4\] \(received \[4, 1\]\)/ },
    {
      attrs: { eps },
      inputs: [floats([3, 4]), { shape: [4], dtype: 'int32' }],
      throws: /both float32, or both float64 \(received \['float64', 'int32'\]\)\. Convert with cast\./,
    },
    {
      attrs: { eps },
      inputs: [
        { shape: [3, 4], dtype: 'int32' },
        { shape: [4], dtype: 'int32' },
      ],
      throws: /received \['int32', 'int32'\]/,
    },
  ],
  oracle(_, x, weight) {
    const { y, squares } = normalised(x, weight);
    return [
      { shape: x.shape, data: y },
      { shape: [x.shape[0], 1], data: squares },
    ];
  },
  float32Bound,
});

const gradient: Laws = opLaws(RmsNormGradient, {
  samples: [{ attrs: { eps }, inputs: [floats([3, 4]), floats([4]), floats([3, 1], uniform(0.5, 2)), floats([3, 4])] }],
  invalid: [],
  oracle(_attrs, x, weight, squares, u) {
    const n = weight.data.length;
    const places = { part: (i: number) => Math.floor(i / n), channel: (i: number) => i % n, eps };
    return gradientsByJacobian(places, x, weight, null, squares, u);
  },
  float32Bound,
});

const f = functionOp('rmsNorm as a function', ({ shape }: { readonly shape: Shape }, x: Tensor, weight: Tensor) =>
  rmsNorm(x, shape, weight, { eps }),
);

const asFunction: Laws = opLaws(f, {
  samples: [
    { attrs: { shape: [2, 3] }, inputs: [floats([2, 2, 3]), floats([2, 3])] },
    { attrs: { shape: [4] }, inputs: [floats([4]), floats([4])] },
  ],
  invalid: [
    { attrs: { shape: [3] }, inputs: [floats([2, 4]), floats([3])], throws: /last axes of x must be normalizedShape/ },
    { attrs: { shape: [4] }, inputs: [floats([2, 4]), floats([2])], throws: /weight must have normalizedShape/ },
  ],
  oracle: (_, x, weight) => ({ shape: x.shape, data: normalised(x, weight).y }),
  float32Bound,
});

const family: Laws = normalisationLaws('rmsNorm', {
  normalise: (x, e) => rmsNorm(x, 3, null, { eps: e }),
  shape: [4, 2, 3],
  axes: [2],
  centred: false,
});

const samples = [
  { layer: rmsNormLayer({ eps }), inputShape: [2, 3] },
  { layer: rmsNormLayer({ eps, normalizedShape: [2, 3] }), inputShape: [2, 3] },
  { layer: rmsNormLayer({ affine: false, eps }), inputShape: [4] },
];

const layers: Laws = layerLaws('rmsNorm layers', {
  samples,
  invalid: [{ layer: rmsNormLayer({ normalizedShape: 4 }), inputShape: [3], throws: /last axes of x/ }],
  constantInit: 'it starts as plain normalisation: weights of 1',
});

/** Of the op and its gradient, of RMS norm as a function, of normalisation, and of the layers. */
export const laws: readonly Laws[] = [
  op,
  gradient,
  asFunction,
  allLaws('rmsNorm', family, { subject: 'rmsNorm', laws: [modeLaw(samples)] }),
  searchLaws('rmsNorm', rmsNormCall, rmsNormSearch),
  layers,
];

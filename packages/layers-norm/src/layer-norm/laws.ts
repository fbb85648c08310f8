import {
  allLaws,
  floats,
  functionOp,
  type Laws,
  layerLaws,
  type NdArray,
  normalisationLaws,
  opLaws,
  searchLaws,
} from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { modeLaw } from '../family.laws.js';
import { layerNorm } from './layer-norm.js';
import { layerNormLayer } from './layer.js';
import { layerNormCall, layerNormSearch } from './search.laws.js';

interface Attrs {
  readonly normalizedShape: Shape;
  readonly eps: number;
}

/** Row by row, by sums over indices. */
function normalised({ normalizedShape, eps }: Attrs, x: NdArray, weight: NdArray, bias: NdArray): NdArray {
  const n = sizeOf(normalizedShape);
  const data = Array.from(x.data);
  for (let start = 0; start < data.length; start += n) {
    const row = Array.from({ length: n }, (_, i) => x.data[start + i]);
    const mean = row.reduce((total, v) => total + v, 0) / n;
    const variance = row.reduce((total, v) => total + (v - mean) ** 2, 0) / n;
    for (const [i, v] of row.entries()) {
      data[start + i] = ((v - mean) / Math.sqrt(variance + eps)) * weight.data[i] + bias.data[i];
    }
  }
  return { shape: x.shape, data };
}

const f = functionOp('layerNorm', ({ normalizedShape, eps }: Attrs, x: Tensor, weight: Tensor, bias: Tensor) =>
  layerNorm(x, normalizedShape, weight, bias, { eps }),
);

const sample = (shape: Shape, axes: number, eps: number) => {
  const normalizedShape = shape.slice(shape.length - axes);
  return {
    attrs: { normalizedShape, eps },
    inputs: [floats(shape), floats(normalizedShape), floats(normalizedShape)],
  };
};

const asFunction: Laws = opLaws(f, {
  samples: [sample([3, 4], 1, 1e-3), sample([2, 2, 3], 2, 0.1), sample([5], 1, 1e-3)],
  invalid: [
    {
      attrs: { normalizedShape: [3], eps: 1 },
      inputs: [floats([2, 4]), floats([3]), floats([3])],
      throws: /last axes of x must be normalizedShape, \[3\]/,
    },
    {
      attrs: { normalizedShape: [4], eps: 1 },
      inputs: [floats([2, 4]), floats([1, 4]), floats([4])],
      throws: /weight must have normalizedShape/,
    },
    {
      attrs: { normalizedShape: [4], eps: 1 },
      inputs: [
        { shape: [2, 4], dtype: 'int32' },
        { shape: [4], dtype: 'int32' },
        { shape: [4], dtype: 'int32' },
      ],
      throws: /x must hold float32 or float64/,
    },
  ],
  oracle: normalised,
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: '1 / √(σ² + ε) is up to 30 where a row hardly varies, and so is a rounding of x − μ',
  },
});

const family: Laws = normalisationLaws('layerNorm', {
  normalise: (x, eps) => layerNorm(x, [3, 2], null, null, { eps }),
  shape: [4, 3, 2],
  axes: [1, 2],
});

const samples = [
  { layer: layerNormLayer({ eps: 1e-3 }), inputShape: [2, 3] },
  { layer: layerNormLayer({ eps: 1e-3, normalizedShape: [2, 3] }), inputShape: [2, 3] },
  { layer: layerNormLayer({ eps: 1e-3, affine: false }), inputShape: [4] },
  { layer: layerNormLayer({ eps: 1e-3, normalizedShape: 3, bias: false }), inputShape: [2, 2, 3] },
];

const layers: Laws = layerLaws('layerNorm layers', {
  samples,
  invalid: [
    {
      layer: layerNormLayer({ normalizedShape: 4 }),
      inputShape: [3],
      throws: /last axes of x must be normalizedShape/,
    },
    { layer: layerNormLayer(), inputShape: [], throws: /at least one axis/ },
  ],
  constantInit: 'it starts as plain normalisation: weights of 1, biases of 0',
});

/** Of layer norm as a function, of normalisation, and of the layers. */
export const laws: readonly Laws[] = [
  asFunction,
  allLaws('layerNorm', family, { subject: 'layerNorm', laws: [modeLaw(samples)] }),
  searchLaws('layerNorm', layerNormCall, layerNormSearch),
  layers,
];

import type { Empty, Layer } from '@lemmata/nn';
import {
  type FieldLayer,
  perAxis,
  Problems,
  type Shape,
  type TransposedConvGeometry,
  transposedOutputSize,
  paddingPerAxis,
} from '@lemmata/shape';
import { absorbed } from '../conv/absorb.js';
import { fieldLayers } from '../conv/layer.js';
import {
  checkFilters,
  checkInputChannels,
  type ConvParams,
  drawParams,
  FILTER_OPTIONS,
  type FilterOptions,
} from '../conv/layer-options.js';
import { checkTransposeOptions, type ConvTransposeOptions, transpose, transposeGeometry } from './transpose.js';

export interface ConvTransposeLayerOptions extends FilterOptions, ConvTransposeOptions {}

export type ConvTransposeLayer = Layer<ConvParams, Empty>;

/** The layer along `rank` spatial axes. */
export function convTransposeLayer(kind: string, rank: number, options: ConvTransposeLayerOptions): ConvTransposeLayer {
  checkLayerOptions(kind, rank, options);
  const { outChannels, kernelSize, inChannels, bias, init, biasInit, ...sliding } = options;
  const { groups = 1 } = sliding;

  const geometry = (inputShape: Shape): { weight: Shape; geometry: TransposedConvGeometry } => {
    checkInputChannels(kind, rank, inputShape, inChannels);
    const weight = [inputShape[0] ?? 0, outChannels / groups, ...perAxis(kind, 'kernelSize', kernelSize, rank, 1)];
    return { weight, geometry: transposeGeometry(kind, rank, { input: [1, ...inputShape], weight }, sliding) };
  };

  return {
    kind,
    init(key, inputShape) {
      const { weight, geometry: found } = geometry(inputShape);
      const params = drawParams(key, weight, outChannels, { groups, transposed: true }, { bias, init, biasInit });
      return { params, state: {}, outputShape: found.outputShape.slice(1) };
    },
    apply: (params, state, x) => [transpose(kind, rank, x, params.weight, params.bias, sliding), state],
    window: (inputShape) => windowOf(geometry(inputShape).geometry),
    absorb(params, map) {
      const [own, each, ...kernel] = params.weight.shape;
      const filters = {
        shape: [groups, own / groups, each, ...kernel],
        channels: [groups, 1, each, ...kernel.map(() => 1)],
      };
      return {
        layer: convTransposeLayer(kind, rank, { ...options, bias: true }),
        params: absorbed(params, map, filters),
      };
    },
  };
}

/**
 * With stride 1 it is a convolution with a turned kernel and padding d(K − 1) − p. With another stride the outputs do not
 * all see alike.
 */
function windowOf({ kernel, stride, dilation, padding }: TransposedConvGeometry): FieldLayer[] | null {
  const around = kernel.map((k, axis): [number, number] => {
    const reach = dilation[axis] * (k - 1);
    return [reach - padding[axis][0], reach - padding[axis][1]];
  });
  if (stride.some((s) => s !== 1) || around.flat().some((n) => n < 0)) return null;
  return fieldLayers({ kernel, stride, dilation, padding: around, groups: 1 });
}

function checkLayerOptions(kind: string, rank: number, options: ConvTransposeLayerOptions): void {
  checkTransposeOptions(kind, options, FILTER_OPTIONS);
  const { kernelSize, stride = 1, dilation = 1, padding = 0, outputPadding = 0, outputSize = 1 } = options;
  const problems = new Problems(kind);
  checkFilters(problems, options);
  const kernels = perAxis(problems, 'kernelSize', kernelSize, rank, 1);
  const strides = perAxis(problems, 'stride', stride, rank, 1);
  const dilations = perAxis(problems, 'dilation', dilation, rank, 1);
  const extra = perAxis(problems, 'outputPadding', outputPadding, rank, 0);
  perAxis(problems, 'outputSize', outputSize, rank, 1);
  const paddings = paddingPerAxis(problems, padding, rank) as (number | readonly [number, number])[];
  problems.throwIfAny();
  // With an input so large that something is left, what remains to be wrong does not depend on its size.
  paddings.forEach((sides, axis) =>
    transposedOutputSize(
      {
        size: [sides].flat().reduce<number>((size, n) => (Number.isSafeInteger(n) && n > 0 ? size + 2 * n : size), 1),
        kernel: kernels[axis],
        stride: strides[axis],
        dilation: dilations[axis],
        padding: sides,
        outputPadding: extra[axis],
      },
      problems,
      axis + 2,
    ),
  );
  problems.throwIfAny();
}

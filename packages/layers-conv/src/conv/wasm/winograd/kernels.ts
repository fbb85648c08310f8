import { type WasmKernel } from '@lemmata/backend-wasm';
import { formatValue, type Shape, unknownOptions } from '@lemmata/shape';
import type { Spec } from '@lemmata/tensor';
import {
  type ConvAttrs,
  Convolution,
  ConvolutionInputGradient,
  ConvolutionWeightGradient,
  type OpenAttrs,
} from '../../op.js';
import { forwardFits, forwardKept, forwardStages } from './forward.js';
import type { Tiling } from './tiling.js';
import type { Tile } from './transforms.js';
import { weightGradientFits, weightGradientScratch, weightGradientStages } from './weight-gradient.js';

export interface WinogradOptions {
  /** 4: F(4×4, 3×3), a quarter of the multiplications. 2: F(2×2, 3×3), 4/9 of them, with errors like those of plain sums. Default 4. */
  readonly tile?: Tile;
}

/** By how much the results may be off, relative to their root mean square, on data of random signs and up to 512 channels. */
export const ERROR_OF_RMS: Readonly<Record<Tile, number>> = { 2: 2 ** -17, 4: 2 ** -15 };

interface Shaped {
  readonly shape: Shape;
}

type Operands = readonly [Shaped, Shaped];

const OUTPUT_TO_INPUT = 2;
/** Channels and filters of a group from which on products at the points outweigh the transforms. */
const LEAST_CHANNELS = 8;

function forward(tile: Tile, { padding, groups }: ConvAttrs, [{ shape: x }, { shape: w }]: Operands): Tiling {
  const [height, width] = x.slice(2);
  const [[top, bottom], [left, right]] = padding;
  return {
    tile,
    images: x[0],
    groups,
    channels: w[1],
    filters: w[0] / groups,
    input: [height, width],
    output: [height + top + bottom - OUTPUT_TO_INPUT, width + left + right - OUTPUT_TO_INPUT],
    before: [top, left],
  };
}

/** A convolution of y with the kernel turned round, with channels in the place of filters: see `inputGradient` in `../../wasm.ts`. */
function inputGradient(tile: Tile, attrs: OpenAttrs, [{ shape: y }, { shape: w }]: Operands): Tiling {
  const { padding, groups, size } = attrs;
  return {
    tile,
    images: y[0],
    groups,
    channels: w[0] / groups,
    filters: w[1],
    input: [y[2], y[3]],
    output: [size[0], size[1]],
    before: [OUTPUT_TO_INPUT - padding[0][0], OUTPUT_TO_INPUT - padding[1][0]],
  };
}

function weightGradient(tile: Tile, attrs: OpenAttrs, [x, { shape: y }]: Operands): Tiling {
  const { groups, size } = attrs;
  return forward(tile, attrs, [x, { shape: [y[1], x.shape[1] / groups, ...size] }]);
}

/** What is asked of shapes and options. Small planes would be mostly edge. */
function suits({ stride, dilation }: ConvAttrs, kernel: Shape, tiling: () => Tiling): boolean {
  if (kernel.length !== 2 || [...kernel].some((k) => k !== 3)) return false;
  if ([...stride, ...dilation].some((n) => n !== 1)) return false;
  const { tile, images, channels, filters, input, output } = tiling();
  return (
    images > 0 &&
    Math.min(channels, filters) >= LEAST_CHANNELS &&
    Math.min(...input) >= 4 &&
    Math.min(...output) >= tile
  );
}

const isFloat32 = (specs: readonly Spec[]): boolean => specs.every(({ dtype }) => dtype === 'float32');

/**
 * Convolution and its gradients with 3×3 windows at stride 1 and any padding, in float32, by Winograd's algorithm. Other
 * convolutions are left to other kernels, so that these stand in front of them:
 * `wasmBackend({ kernels: [...winogradKernels(), ...convKernels] })`. Leave them out to switch the algorithm off.
 *
 * Errors are no longer bounded element by element: sums over a tile are taken apart and put together. They are bounded
 * beside the root mean square of the result, by {@link ERROR_OF_RMS}. An element that is not finite spoils all outputs of its tiles.
 *
 * @throws TypeError for unknown options; RangeError for another tile.
 */
export function winogradKernels(options: WinogradOptions = {}): readonly WasmKernel[] {
  unknownOptions('winogradKernels', options, ['tile']);
  const { tile = 4 } = options;
  if (tile !== 2 && tile !== 4) throw new RangeError(`winogradKernels: tile is 2 or 4, received ${formatValue(tile)}`);
  const forwardKernel: WasmKernel<ConvAttrs> = {
    op: Convolution,
    epilogue: true,
    accepts(attrs, specs) {
      const operands = specs as readonly [Spec, Spec];
      const tiling = (): Tiling => forward(tile, attrs, operands);
      return isFloat32(specs) && suits(attrs, specs[1].shape.slice(2), tiling) && forwardFits(tiling());
    },
    keeps: (attrs, [x, w]) => ({ of: [1], bytes: forwardKept(forward(tile, attrs, [x, w])) }),
    stages(attrs, { inputs: [x, w], outputs: [y], kept }) {
      const tiling = forward(tile, attrs, [x, w]);
      const layout = { filterStep: 9 * tiling.channels, channelStep: 9, flipped: false };
      return forwardStages(tiling, layout, x.at, w.at, y.at, kept);
    },
  };
  const inputKernel: WasmKernel<OpenAttrs> = {
    op: ConvolutionInputGradient,
    epilogue: true,
    accepts(attrs, specs) {
      const tiling = (): Tiling => inputGradient(tile, attrs, specs as readonly [Spec, Spec]);
      return isFloat32(specs) && suits(attrs, specs[1].shape.slice(2), tiling) && forwardFits(tiling());
    },
    keeps: (attrs, [y, w]) => ({ of: [1], bytes: forwardKept(inputGradient(tile, attrs, [y, w])) }),
    stages(attrs, { inputs: [y, w], outputs: [x], kept }) {
      const tiling = inputGradient(tile, attrs, [y, w]);
      const layout = { filterStep: 9, channelStep: 9 * tiling.filters, flipped: true };
      return forwardStages(tiling, layout, y.at, w.at, x.at, kept);
    },
  };
  const weightKernel: WasmKernel<OpenAttrs> = {
    op: ConvolutionWeightGradient,
    epilogue: true,
    accepts(attrs, specs) {
      const tiling = (): Tiling => weightGradient(tile, attrs, specs as readonly [Spec, Spec]);
      return isFloat32(specs) && suits(attrs, attrs.size, tiling) && weightGradientFits(tiling());
    },
    scratch: (attrs, [x, y]) => weightGradientScratch(weightGradient(tile, attrs, [x, y])),
    stages(attrs, { inputs: [x, y], outputs: [w], scratch }) {
      return weightGradientStages(weightGradient(tile, attrs, [x, y]), x.at, y.at, w.at, scratch);
    },
  };
  return [forwardKernel, inputKernel, weightKernel];
}

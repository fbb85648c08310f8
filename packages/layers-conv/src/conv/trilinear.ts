import { type Shape, sizeOf } from '@lemmata/shape';
import type { TypedArray } from '@lemmata/tensor';
import { addTaps, dotTaps, dotWindows } from './tiles.js';
import { type IndexRule, indexRule, type Sliding } from './index-rule.js';
import { scratch } from './scratch.js';

/**
 * The form T(x, w, y) = Σ x[n, c, window j + tap k] · w[o, c, k] · y[n, o, j] over images n, filters o, the channels c
 * of o's group, kernel positions k and output positions j; the {@link IndexRule} says where windows and taps lie in the
 * zero-padded x. Each function below fills one slot from the other two, in float64, rounding once at the end.
 */
export interface Trilinear {
  readonly rule: IndexRule;
  readonly images: number;
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  readonly filters: number;
  /** Elements of an unpadded input plane, and of an output plane. */
  readonly inputPlane: number;
  readonly outputPlane: number;
  /** Images that are worked on at once: `rule.windows` are theirs. */
  readonly block: number;
}

/** Windows that are worth a pass over the weights: images with fewer are taken together. */
const WINDOWS_AT_ONCE = 64;

/** The form for x `[N, C, ...spatial]`, w `[O, C / groups, ...kernel]` and y `[N, O, ...spatial]`. */
export function trilinear(sliding: Sliding, groups: number, x: Shape, w: Shape, y: Shape): Trilinear {
  const [images, , ...input] = x;
  const [, , ...output] = y;
  const outputPlane = sizeOf(output);
  const block = Math.min(images, Math.ceil(WINDOWS_AT_ONCE / outputPlane));
  const rule = indexRule(sliding, block, w[1], input, w.slice(2), output);
  return {
    rule,
    images,
    groups,
    channels: w[1],
    filters: w[0] / groups,
    inputPlane: sizeOf(input),
    outputPlane,
    block,
  };
}

/** Slot y: y[n, o, j] = Σ over c, k of w[o, c, k] · x[n, c, window j + tap k]. */
export function fillOutput(form: Trilinear, x: TypedArray, w: TypedArray, y: TypedArray): void {
  const { windows, taps } = form.rule;
  for (let group = 0; group < form.groups; group++) {
    const weight = loadWeight(form, w, group);
    for (let image = 0; image < form.images; image += form.block) {
      const count = Math.min(form.block, form.images - image);
      const output = outputMatrix(form);
      dotTaps(
        form.filters,
        windows,
        count * form.outputPlane,
        taps,
        loadInput(form, x, image, count, group),
        weight,
        output,
      );
      storeOutput(form, output, y, image, count, group);
    }
  }
}

/** Slot w: w[o, c, k] = Σ over n, j of y[n, o, j] · x[n, c, window j + tap k]. */
export function fillWeight(form: Trilinear, x: TypedArray, y: TypedArray, w: TypedArray): void {
  const { windows, taps } = form.rule;
  for (let group = 0; group < form.groups; group++) {
    const weight = weightMatrix(form).fill(0);
    for (let image = 0; image < form.images; image += form.block) {
      const count = Math.min(form.block, form.images - image);
      const output = loadOutput(form, y, image, count, group);
      dotWindows(
        form.filters,
        windows,
        count * form.outputPlane,
        taps,
        loadInput(form, x, image, count, group),
        weight,
        output,
      );
    }
    storeWeight(form, weight, w, group);
  }
}

/** Slot x: adds w[o, c, k] · y[n, o, j] to x[n, c, window j + tap k]; what no window reads stays 0. */
export function fillInput(form: Trilinear, w: TypedArray, y: TypedArray, x: TypedArray): void {
  const { windows, taps } = form.rule;
  for (let group = 0; group < form.groups; group++) {
    const weight = loadWeight(form, w, group);
    for (let image = 0; image < form.images; image += form.block) {
      const count = Math.min(form.block, form.images - image);
      const output = loadOutput(form, y, image, count, group);
      const input = inputPlanes(form, count).fill(0);
      addTaps(form.filters, windows, count * form.outputPlane, taps, input, weight, output);
      storeInput(form, input, x, image, count, group);
    }
  }
}

/*
 * One group's part of x, w and y in float64 working memory: the padded planes of a block of images, filters × taps and
 * filters × windows.
 */

function inputPlanes({ rule, channels }: Trilinear, count: number): Float64Array {
  const length = count * channels * rule.plane;
  return scratch('input', length).subarray(0, length);
}

function loadInput(form: Trilinear, x: TypedArray, image: number, count: number, group: number): Float64Array {
  const { rows, width, plane } = form.rule;
  const { channels, groups, inputPlane } = form;
  const padded = inputPlanes(form, count).fill(0);
  for (let n = 0, to = 0; n < count; n++) {
    let from = ((image + n) * groups + group) * channels * inputPlane;
    for (let c = 0; c < channels; c++, to += plane) {
      for (let r = 0; r < rows.length; r++, from += width) {
        const start = to + rows[r];
        for (let i = 0; i < width; i++) padded[start + i] = x[from + i];
      }
    }
  }
  return padded;
}

function storeInput(
  form: Trilinear,
  padded: Float64Array,
  x: TypedArray,
  image: number,
  count: number,
  group: number,
): void {
  const { rows, width, plane } = form.rule;
  const { channels, groups, inputPlane } = form;
  for (let n = 0, from = 0; n < count; n++) {
    let to = ((image + n) * groups + group) * channels * inputPlane;
    for (let c = 0; c < channels; c++, from += plane) {
      for (let r = 0; r < rows.length; r++, to += width) {
        const start = from + rows[r];
        for (let i = 0; i < width; i++) x[to + i] = padded[start + i];
      }
    }
  }
}

function weightMatrix({ rule, filters }: Trilinear): Float64Array {
  return scratch('weight', filters * rule.taps.length);
}

function loadWeight(form: Trilinear, w: TypedArray, group: number): Float64Array {
  const matrix = weightMatrix(form);
  const length = form.filters * form.rule.taps.length;
  const start = group * length;
  for (let i = 0; i < length; i++) matrix[i] = w[start + i];
  return matrix;
}

function storeWeight(form: Trilinear, matrix: Float64Array, w: TypedArray, group: number): void {
  const length = form.filters * form.rule.taps.length;
  const start = group * length;
  for (let i = 0; i < length; i++) w[start + i] = matrix[i];
}

function outputMatrix({ rule, filters }: Trilinear): Float64Array {
  return scratch('output', filters * rule.windows.length);
}

function loadOutput(form: Trilinear, y: TypedArray, image: number, count: number, group: number): Float64Array {
  const { filters, groups, outputPlane } = form;
  const matrix = outputMatrix(form);
  for (let n = 0; n < count; n++) {
    let from = ((image + n) * groups + group) * filters * outputPlane;
    for (let o = 0; o < filters; o++, from += outputPlane) {
      const to = o * form.rule.windows.length + n * outputPlane;
      for (let j = 0; j < outputPlane; j++) matrix[to + j] = y[from + j];
    }
  }
  return matrix;
}

function storeOutput(
  form: Trilinear,
  matrix: Float64Array,
  y: TypedArray,
  image: number,
  count: number,
  group: number,
): void {
  const { filters, groups, outputPlane } = form;
  for (let n = 0; n < count; n++) {
    let to = ((image + n) * groups + group) * filters * outputPlane;
    for (let o = 0; o < filters; o++, to += outputPlane) {
      const from = o * form.rule.windows.length + n * outputPlane;
      for (let j = 0; j < outputPlane; j++) y[to + j] = matrix[from + j];
    }
  }
}

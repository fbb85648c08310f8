/** How values between elements are found along one axis. */
export type Method = 'nearest' | 'nearest-exact' | 'linear' | 'cubic' | 'area';

/** How one axis is resampled. */
export interface Sampling {
  readonly method: Method;
  /** The first and last elements of input and output coincide, instead of their outer edges. */
  readonly alignCorners: boolean;
  /** Output elements for one input element; null: as many as the sizes say. */
  readonly scale: number | null;
  /** When shrinking, widen the filter by the factor, so that every input element counts. */
  readonly antialias: boolean;
}

/** Which input elements make an output element, with which weights. */
export interface Taps {
  /** Output o reads `indices[starts[o]]` to `indices[starts[o + 1] − 1]`. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** The taps of all `outputs` elements along an axis of `inputs`. Taps of weight 0 are left out. */
export function taps(sampling: Sampling, inputs: number, outputs: number): Taps {
  const starts = [0];
  const indices: number[] = [];
  const weights: number[] = [];
  const add = (index: number, weight: number): void => {
    if (weight === 0) return;
    indices.push(Math.min(Math.max(index, 0), inputs - 1));
    weights.push(weight);
  };
  for (let o = 0; o < outputs; o++) {
    addTaps(sampling, o, inputs, outputs, add);
    starts.push(indices.length);
  }
  return { starts: Int32Array.from(starts), indices: Int32Array.from(indices), weights: Float64Array.from(weights) };
}

type Add = (index: number, weight: number) => void;

function addTaps(sampling: Sampling, o: number, inputs: number, outputs: number, add: Add): void {
  const { method, scale, antialias } = sampling;
  // Input elements up to a place in the output. A product of integers is exact: n / n is not 0.999….
  const reach = (place: number): number => (scale === null ? (place * inputs) / outputs : place / scale);
  switch (method) {
    case 'nearest':
      return add(Math.floor(reach(o)), 1);
    case 'nearest-exact':
      return add(Math.floor(reach(o + 0.5)), 1);
    case 'area': {
      const first = Math.floor((o * inputs) / outputs);
      const end = Math.ceil(((o + 1) * inputs) / outputs);
      for (let i = first; i < end; i++) add(i, 1 / (end - first));
      return;
    }
    default:
  }
  if (antialias) return addFiltered(sampling, o, inputs, outputs, add);
  const centre = sampling.alignCorners ? o * step(sampling, inputs, outputs) : reach(o + 0.5) - 0.5;
  if (method === 'linear') {
    const place = Math.min(Math.max(centre, 0), inputs - 1);
    const before = Math.floor(place);
    add(before, 1 - (place - before));
    add(before + 1, place - before);
  } else {
    const before = Math.floor(centre);
    for (let i = before - 1; i <= before + 2; i++) add(i, cubic(centre - i, -0.75));
  }
}

/** Input elements from one output element to the next. */
function step({ alignCorners, scale }: Sampling, inputs: number, outputs: number): number {
  if (alignCorners) return outputs > 1 ? (inputs - 1) / (outputs - 1) : 0;
  return scale === null ? inputs / outputs : 1 / scale;
}

/** The filter stretched to the step, its weights made to add up to 1. */
function addFiltered(sampling: Sampling, o: number, inputs: number, outputs: number, add: Add): void {
  const wide = step(sampling, inputs, outputs);
  const stretch = Math.max(1, wide);
  const support = (sampling.method === 'linear' ? 1 : 2) * stretch;
  const centre = wide * (o + 0.5);
  const first = Math.max(0, Math.floor(centre - support + 0.5));
  const end = Math.min(inputs, Math.floor(centre + support + 0.5));
  const filtered: number[] = [];
  for (let i = first; i < end; i++) {
    const distance = (i - centre + 0.5) / stretch;
    filtered.push(sampling.method === 'linear' ? Math.max(0, 1 - Math.abs(distance)) : cubic(distance, -0.5));
  }
  const total = filtered.reduce((a, b) => a + b, 0);
  filtered.forEach((weight, k) => add(first + k, weight / total));
}

/**
 * Keys' cubic convolution kernel with parameter a.
 *
 * Source: Keys 1981, https://doi.org/10.1109/TASSP.1981.1163711; a is −0.75 in PyTorch's bicubic interpolation, and −0.5
 * where it is antialiased.
 */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

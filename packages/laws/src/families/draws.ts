import * as fc from 'fast-check';
import { sizeOf, type Shape } from '@lemmata/shape';
import { EAGER_REFERENCE, type Tensor } from '@lemmata/tensor';
import { noise } from '../noise.js';

/** A case that is a seed and nothing else. */
export interface Seeded {
  readonly seed: number;
}

export const seeds: fc.Arbitrary<Seeded> = fc.record({ seed: fc.nat(0x7ffffffe) });

/** A float64 tensor of numbers in [−2, 2) that follow from a seed. */
export function draw(shape: Shape, seed: number, stream: number = 0): Tensor {
  return float64(
    shape,
    noise(sizeOf(shape), seed, stream).map((v) => 2 * v),
  );
}

export function float64(shape: Shape, values: ArrayLike<number>): Tensor {
  return EAGER_REFERENCE.fromValues({ shape, dtype: 'float64' }, values);
}

/** The tensor with other elements. */
export function mapped(x: Tensor, f: (value: number, i: number) => number): Tensor {
  return EAGER_REFERENCE.fromValues(x.spec, Array.from(x.dataSync(), f));
}

import { stream } from '../data.js';

/** Hands out the parameters of a network in the order of its description, see ../networks.ts. */
export class Parameters {
  private count = 0;

  next(size: number, fan: number): Float32Array {
    const bound = 1 / Math.sqrt(fan);
    return stream(100 + this.count++, size, -bound, bound);
  }
}

import { arrayOver, isContiguous, isUniform, type DType, type TypedArray, type View } from '@lemmata/tensor';
import type { KernelFunction, Runtime } from '../runtime.js';
import { elementwiseCode, type Access, type ElementwiseProgram } from './kernel.js';
import { bytesOf } from './lanes.js';

/** Elements of an array that is copied in or out here. */
const ROOM = 1024;
/** Inputs, and the output. */
const PLACES = 8;

/**
 * The short way for eager ops on little data, where finding out what to do would take longer than doing it: inputs
 * packed or all the same, one loop, no list of stages. Arrays of the garbage collector's pass through a fixed place.
 */
export class SmallElementwise {
  private readonly runtime: Runtime;
  private readonly words: Int32Array;
  private readonly places: readonly Readonly<Record<DType, TypedArray>>[];
  private readonly kernels = new WeakMap<ElementwiseProgram, (KernelFunction | undefined)[]>();

  constructor(runtime: Runtime) {
    this.runtime = runtime;
    const { heap } = runtime;
    this.words = new Int32Array(heap.current, runtime.reserve(4 * (2 + 2 * PLACES), 'arguments'), 2 + 2 * PLACES);
    this.places = Array.from({ length: PLACES }, () => {
      const at = { buffer: heap.current, byteOffset: runtime.reserve(8 * ROOM, 'small arrays') };
      const over = (dtype: DType): TypedArray => arrayOver(dtype, at, ROOM);
      return { float32: over('float32'), float64: over('float64'), int32: over('int32'), bool: over('bool') };
    });
  }

  /** Runs the program, or gives false where it is not that simple. */
  run(program: ElementwiseProgram, inputs: readonly View[], output: View): boolean {
    const count = inputs.length;
    const size = output.data.length;
    const owned = this.owns(output.data);
    if (count >= PLACES || size === 0 || size * program.cost > 20_000 || (!owned && size > ROOM)) return false;
    let access = 0;
    for (let i = 0; i < count; i++) {
      const view = inputs[i];
      const same = isUniform(view);
      if (!same && !isContiguous(view)) return false;
      if (!same && size > ROOM && !this.owns(view.data)) return false;
      access = access * 2 + (same ? 1 : 0);
    }
    const { words } = this;
    words[0] = owned ? output.data.byteOffset : this.places[PLACES - 1][output.dtype].byteOffset;
    words[1] = size;
    for (let i = 0, bits = access; i < count; i++) {
      const view = inputs[i];
      const same = ((bits >> (count - 1 - i)) & 1) === 1;
      words[2 + 2 * i] = this.addressOf(view, i, same ? 1 : size);
      words[3 + 2 * i] = same ? 0 : bytesOf(view.dtype);
    }
    this.kernel(program, access, count)(words.byteOffset, 0, size);
    if (!owned) {
      const from = this.places[PLACES - 1][output.dtype];
      const { data } = output;
      for (let i = 0; i < size; i++) data[i] = from[i];
    }
    return true;
  }

  private addressOf({ data, offset, dtype }: View, place: number, size: number): number {
    if (this.owns(data)) return data.byteOffset + offset * bytesOf(dtype);
    const to = this.places[place][dtype];
    for (let i = 0; i < size; i++) to[i] = data[offset + i];
    return to.byteOffset;
  }

  private owns(data: TypedArray): boolean {
    // No block starts at 0, where ordinary arrays do; and asking a small one of those for its buffer is slow.
    return data.byteOffset !== 0 && this.runtime.heap.owns(data.buffer);
  }

  private kernel(program: ElementwiseProgram, access: number, count: number): KernelFunction {
    let kernels = this.kernels.get(program);
    if (kernels === undefined) this.kernels.set(program, (kernels = []));
    let kernel = kernels[access];
    if (kernel === undefined) {
      const kinds = program.inputs.map((_, i): Access => (((access >> (count - 1 - i)) & 1) === 1 ? 'same' : 'dense'));
      kernels[access] = kernel = this.runtime.functionOf(elementwiseCode(program, kinds, 0));
    }
    return kernel;
  }
}

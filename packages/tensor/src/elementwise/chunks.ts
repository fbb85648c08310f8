import { collapse, isContiguous, isUniform, type View } from '../layout.js';
import type { TypedArray } from '../spec.js';
import { CHUNK } from './registers.js';

/** Below this length a loop copies faster than a call of the engine's own copying. */
const FEW = 32;

/** Brings the elements of a view into a register, chunk after chunk. */
export interface Reader {
  /** The n elements from `start` on, in row-major order. Calls come in order; the first has `start` 0. */
  read(start: number, n: number): void;
}

export function reader(view: View, register: TypedArray, size: number): Reader {
  if (isContiguous(view)) return new ContiguousReader(view, register, size);
  return isUniform(view) ? new UniformReader(view, register) : new StridedReader(view, register);
}

/** The part of an array that belongs to each chunk: made once, since making one costs as much as copying it. */
class Chunks {
  private readonly data: TypedArray;
  private readonly offset: number;
  private readonly parts: TypedArray[] = [];

  constructor(data: TypedArray, offset: number) {
    this.data = data;
    this.offset = offset;
  }

  at(start: number, n: number): TypedArray {
    const { parts, data, offset } = this;
    const index = start / CHUNK;
    if (index === parts.length)
      parts.push(data.length === n ? data : data.subarray(offset + start, offset + start + n));
    return parts[index];
  }
}

class ContiguousReader implements Reader {
  private readonly view: View;
  private readonly register: TypedArray;
  private readonly chunks: Chunks | null;

  constructor(view: View, register: TypedArray, size: number) {
    this.view = view;
    this.register = register;
    this.chunks = size <= FEW ? null : new Chunks(view.data, view.offset);
  }

  read(start: number, n: number): void {
    const { register, chunks } = this;
    if (chunks !== null) register.set(chunks.at(start, n));
    else {
      const { data, offset } = this.view;
      for (let i = 0; i < n; i++) register[i] = data[offset + i];
    }
  }
}

/** All elements are the same one. */
class UniformReader implements Reader {
  private readonly view: View;
  private readonly register: TypedArray;

  constructor(view: View, register: TypedArray) {
    this.view = view;
    this.register = register;
  }

  read(_start: number, n: number): void {
    this.register.fill(this.view.data[this.view.offset], 0, n);
  }
}

class StridedReader implements Reader {
  private readonly view: View;
  private readonly register: TypedArray;
  private readonly shape: readonly number[];
  private readonly strides: readonly number[];
  private readonly index: Int32Array;
  private position = 0;

  constructor(view: View, register: TypedArray) {
    const merged = collapse(view.shape, view.strides);
    this.view = view;
    this.register = register;
    this.shape = merged.shape;
    this.strides = merged.strides[0];
    this.index = new Int32Array(this.shape.length);
  }

  read(start: number, n: number): void {
    const { register, shape, strides, index } = this;
    const { data } = this.view;
    if (start === 0) {
      index.fill(0);
      this.position = this.view.offset;
    }
    const inner = shape.length - 1;
    const step = strides[inner];
    let { position } = this;
    for (let i = 0; i < n; ) {
      const end = i + Math.min(n - i, shape[inner] - index[inner]);
      index[inner] += end - i;
      if (step === 0) register.fill(data[position], i, end);
      else for (let k = i; k < end; k++, position += step) register[k] = data[position];
      i = end;
      for (let axis = inner; axis > 0 && index[axis] === shape[axis]; axis--) {
        position += strides[axis - 1] - strides[axis] * shape[axis];
        index[axis] = 0;
        index[axis - 1]++;
      }
    }
    this.position = position;
  }
}

/** Brings a register into a packed view, chunk after chunk. */
export class Writer {
  private readonly view: View;
  private readonly register: TypedArray;
  /** The register as far as the last chunk fills it. */
  private readonly rest: TypedArray | null;

  constructor(view: View, register: TypedArray, size: number) {
    this.view = view;
    this.register = register;
    this.rest = size <= FEW || size % CHUNK === 0 ? null : register.subarray(0, size % CHUNK);
  }

  write(start: number, n: number): void {
    const { register, rest } = this;
    const { data, offset } = this.view;
    if (n === CHUNK) data.set(register, offset + start);
    else if (rest !== null) data.set(rest, offset + start);
    else for (let i = 0; i < n; i++) data[offset + i] = register[i];
  }
}

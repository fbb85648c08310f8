import { contiguousStrides, sizeOf } from '@lemmata/shape';
import {
  createArray,
  EAGER_REFERENCE,
  Tensor,
  type EagerValue,
  type Layout,
  type TypedArray,
  type Spec,
} from '@lemmata/tensor';

/** Ways to lay out the elements of a tensor in memory that is not just them, in row-major order. */
export const LAYOUTS = ['offset', 'gaps', 'transposed', 'flipped', 'broadcast'] as const;
export type LayoutName = (typeof LAYOUTS)[number];

export interface Laid {
  /** The view: the rest of its memory holds NaN, or for other dtypes an unlikely number. */
  readonly tensor: Tensor;
  readonly memory: TypedArray;
  readonly layout: Layout;
  /** Its elements in row-major order. A broadcast view repeats some of those it was asked for. */
  readonly values: readonly number[];
}

export function lay(name: LayoutName, spec: Spec, values: readonly number[], seed: number): Laid {
  const { shape, dtype } = spec;
  const size = sizeOf(shape);
  let strides = contiguousStrides(shape).map((s) => s);
  let offset = 0;
  let length = size;
  let elements = values;
  if (name === 'offset') {
    offset = 3;
    length = size + 5;
  } else if (name === 'gaps') {
    strides = strides.map((s) => 2 * s);
    offset = 1;
    length = 2 * size + 2;
  } else if (name === 'transposed') {
    strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  } else if (name === 'flipped') {
    strides = strides.map((s) => -s);
    offset = Math.max(0, size - 1);
  } else if (shape.length > 0) {
    const axis = seed % shape.length;
    elements = values.map((_, i) => values[i - (Math.floor(i / strides[axis]) % shape[axis]) * strides[axis]]);
    strides = strides.map((s, k) => (k === axis ? 0 : s));
  }
  const memory = createArray(dtype, Math.max(length, 1)).fill(
    dtype === 'int32' ? -987654 : dtype === 'bool' ? 77 : NaN,
  );
  walk(shape, strides, offset, (at, i) => (memory[at] = elements[i]));
  const layout: Layout = { shape, strides, offset };
  const storage = { data: memory, length: memory.length, dtype, madeBy: 'a law' };
  return {
    tensor: new Tensor(spec, EAGER_REFERENCE, { storage, layout } satisfies EagerValue),
    memory,
    layout,
    values: elements,
  };
}

/** The elements of a layout in row-major order. */
export function gather(memory: TypedArray, { shape, strides, offset }: Layout): number[] {
  const out: number[] = [];
  walk(shape, strides, offset, (at) => void out.push(memory[at] ?? NaN));
  return out;
}

function walk(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  visit: (at: number, i: number) => void,
): void {
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    let rest = i;
    let at = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    visit(at, i);
  }
}

import { contiguousStrides, normalizeAxis, OptionError, Problems, sameShape } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { toOneDType } from './dtypes.js';
import { place } from './place.js';
import { narrow } from './slice.js';
import { unsqueeze } from './squeeze.js';

export const Concat: OpDef<{ readonly axis: number }> = {
  name: 'concat',
  infer({ axis }, ...inputs) {
    const [first] = inputs;
    const problems = new Problems('concat');
    inputs.forEach(({ shape, dtype }, i) => {
      const differs = shape.length !== first.shape.length || !shape.every((n, a) => a === axis || n === first.shape[a]);
      if (differs)
        problems.add({
          rule: `input ${i} differs from input 0 along another axis than the one joined`,
          received: shape,
          expected: first.shape,
          axis,
        });
      if (dtype !== first.dtype)
        problems.add({ rule: `input ${i} is ${dtype}, but input 0 is ${first.dtype}`, hint: 'Cast them to one dtype' });
    });
    problems.throwIfAny(Object.fromEntries(inputs.map(({ shape }, i) => [`input ${i}`, shape])));
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis], 0);
    return [{ shape: first.shape.with(axis, total), dtype: first.dtype }];
  },
  reference({ axis }, inputs, [out]) {
    const strides = contiguousStrides(out.shape);
    let start = 0;
    for (const x of inputs) {
      place(x, out.data, strides, start * strides[axis]);
      start += x.shape[axis];
    }
  },
  vjp({ axis }, [upstream], inputs, _outputs, wants) {
    if (upstream === null) return inputs.map(() => null);
    let start = 0;
    return inputs.map((x, i) => {
      const part = wants[i] ? narrow(upstream, axis, start, x.shape[axis]) : null;
      start += x.shape[axis];
      return part;
    });
  },
};

/**
 * Tensors one behind the other along an axis that they have; the other sizes are equal. Mixed dtypes are promoted. Default axis 0.
 *
 * @throws ShapeError if there is no tensor or the sizes differ.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  const list = atLeastOne('concat', tensors);
  const along = normalizeAxis('concat', axis, list[0].rank);
  return list.length === 1 ? list[0] : apply(Concat, { axis: along }, toOneDType(list))[0];
}

/** Tensors of one shape side by side along a new axis, placed as in the result. Default axis 0. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const list = atLeastOne('stack', tensors);
  const problems = new Problems('stack');
  list.forEach((t, i) => {
    if (!sameShape(t.shape, list[0].shape))
      problems.add({ rule: `input ${i} has another shape than input 0`, received: t.shape, expected: list[0].shape });
  });
  problems.throwIfAny();
  return concat(
    list.map((t) => unsqueeze(t, axis)),
    axis,
  );
}

function atLeastOne(op: string, tensors: readonly Tensor[]): Tensor[] {
  if (!Array.isArray(tensors)) throw new TypeError(`${op}: expected an array of tensors; write ${op}([a, b], axis)`);
  if (tensors.length === 0) throw new OptionError(op, ['expected at least one tensor, received none']);
  return tensors.map((t) => asTensor(t, op));
}

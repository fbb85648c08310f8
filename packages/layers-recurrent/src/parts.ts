import { ShapeError } from '@lemmata/shape';
import { apply, concat, full, type OpDef, type Tensor } from '@lemmata/tensor';

/**
 * x → `count` equal parts along an axis. Slices would give the same, but each would pass on a gradient of the size of x:
 * for the steps of a sequence a cost that grows with the square of its length. Here the gradient is one concatenation.
 */
export const Parts: OpDef<{ readonly axis: number; readonly count: number }> = {
  name: 'parts',
  linearIn: [0],
  infer({ axis, count }, x) {
    const size = x.shape[axis];
    if (size === undefined || count < 1 || size % count !== 0) {
      throw new ShapeError(
        'parts',
        [{ rule: `an axis falls into ${count} equal parts only if they divide its size`, axis, received: size }],
        { x: x.shape },
      );
    }
    const shape = x.shape.map((n, a) => (a === axis ? n / count : n));
    return Array.from({ length: count }, () => ({ shape, dtype: x.dtype }));
  },
  reference({ axis, count }, [x], outs) {
    const run = x.shape.slice(axis).reduce((product, n) => product * n, 1) / count;
    if (run === 0) return;
    const runs = x.data.length / (run * count);
    outs.forEach(({ data }, part) => {
      for (let r = 0; r < runs; r++) {
        const from = (r * count + part) * run;
        data.set(x.data.subarray(from, from + run), r * run);
      }
    });
  },
  vjp({ axis }, upstream, _inputs, outputs) {
    if (upstream.every((u) => u === null)) return [null];
    return [
      concat(
        upstream.map((u, i) => u ?? full(outputs[i].shape, 0, outputs[i].dtype)),
        axis,
      ),
    ];
  },
};

/** `x` as `count` equal parts along an axis, as copies. */
export function parts(x: Tensor, axis: number, count: number): Tensor[] {
  return apply(Parts, { axis, count }, [x]);
}

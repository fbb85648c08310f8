import type { Shape } from '@lemmata/shape';
import { apply, type OpDef, type Tensor } from '@lemmata/tensor';
import { adaptiveShape, checkAdaptive } from '../adaptive.js';
import { average, checkFloat, spread } from '../averages.js';
import { adaptiveWindows, type Windows } from '../windows.js';

/*
 * A linear op and its adjoint, which are each other's gradients.
 */

/** x → the mean of each of the windows that share out the axes among outputs of sizes `output`. */
export const AdaptiveAveragePool: OpDef<{ readonly output: Shape }> = {
  name: 'adaptiveAveragePool',
  linearIn: [0],
  infer({ output }, x) {
    return [
      { shape: adaptiveShape('adaptiveAveragePool', x.shape, output), dtype: checkFloat('adaptiveAveragePool', x) },
    ];
  },
  reference({ output }, [x], [y]) {
    const windows = adaptiveWindows(x.shape.slice(2), output);
    average(windows, counts(windows), x, y);
  },
  vjp(_attrs, [upstream], [x]) {
    return [upstream === null ? null : adaptiveAveragePoolGradient(upstream, x.shape.slice(2))];
  },
};

/** y → planes of sizes `size`: each element of y shared out among the elements of its window. */
export const AdaptiveAveragePoolGradient: OpDef<{ readonly size: Shape }> = {
  name: 'adaptiveAveragePoolGradient',
  linearIn: [0],
  infer({ size }, y) {
    const shape = [...y.shape.slice(0, 2), ...size];
    checkAdaptive('adaptiveAveragePoolGradient', shape, y.shape);
    return [{ shape, dtype: checkFloat('adaptiveAveragePoolGradient', y) }];
  },
  reference({ size }, [y], [x]) {
    const windows = adaptiveWindows(size, y.shape.slice(2));
    spread(windows, counts(windows), y, x);
  },
  vjp(_attrs, [upstream], [y]) {
    return [upstream === null ? null : adaptiveAveragePool(upstream, y.shape.slice(2))];
  },
};

/** The mean of each window, with the sizes written out. */
export function adaptiveAveragePool(x: Tensor, output: Shape): Tensor {
  return apply(AdaptiveAveragePool, { output }, [x])[0];
}

/** The x, of spatial sizes `size`, with ⟨x, x'⟩ = ⟨y, adaptiveAveragePool(x')⟩ for all x'. */
export function adaptiveAveragePoolGradient(y: Tensor, size: Shape): Tensor {
  return apply(AdaptiveAveragePoolGradient, { size }, [y])[0];
}

function counts({ starts }: Windows): Float64Array {
  return Float64Array.from({ length: starts.length - 1 }, (_, j) => starts[j + 1] - starts[j]);
}

import type { Shape } from '@lemmata/shape';
import type { OpDef } from '@lemmata/tensor';
import { adaptiveShape } from '../adaptive.js';
import { checkNumbers, pickLargest } from '../largest.js';
import { unpool } from '../max-pool/op.js';
import { adaptiveWindows } from '../windows.js';

/**
 * x → the largest element of each of the windows that share out the axes among outputs of sizes `output`, and its flat index
 * in the plane (int32). Its gradient is that of any max pooling.
 */
export const AdaptiveMaxPool: OpDef<{ readonly output: Shape }> = {
  name: 'adaptiveMaxPool',
  infer({ output }, x) {
    const shape = adaptiveShape('adaptiveMaxPool', x.shape, output);
    checkNumbers('adaptiveMaxPool', x);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  reference({ output }, [x], [values, indices]) {
    pickLargest(adaptiveWindows(x.shape.slice(2), output), x, values, indices);
  },
  vjp(_attrs, [upstream], [x], [, indices]) {
    return [upstream === null ? null : unpool(upstream, indices, x.shape.slice(2))];
  },
};

import { sameShape, ShapeError } from '@lemmata/shape';
import {
  applyElementwise,
  call,
  elementwise,
  formatSpec,
  isFloat,
  logSoftmax,
  mul,
  neg,
  NO_ATTRS,
  type OpDef,
  rows,
  softmax,
  sum,
  unsqueeze,
} from '@lemmata/tensor';

/**
 * Logits z and targets q, both [N, C, ...] → [N, ...]: −Σ_c q_c · ln softmax(z)_c. A class with q = 0 takes no part, even
 * where its logit is −∞.
 */
export const SoftmaxCrossEntropy: OpDef = {
  name: 'softmaxCrossEntropy',
  infer(_attrs, z, q) {
    if (z.shape.length < 2 || !isFloat(z.dtype) || z.dtype !== q.dtype || !sameShape(z.shape, q.shape)) {
      throw new ShapeError('softmaxCrossEntropy', [
        {
          rule: 'logits and targets are [N, C, ...] of one shape and floating dtype',
          received: `${formatSpec(z)} and ${formatSpec(q)}`,
        },
      ]);
    }
    return [{ shape: [z.shape[0], ...z.shape.slice(2)], dtype: z.dtype }];
  },
  reference(_attrs, [{ data: z, shape }, { data: q }], [out]) {
    const { starts, count, stride } = rows(shape, [1]);
    for (let r = 0; r < starts.length; r++) {
      const start = starts[r];
      const end = start + count * stride;
      let max = -Infinity;
      for (let p = start; p < end; p += stride) max = Math.max(max, z[p]);
      let total = 0;
      for (let p = start; p < end; p += stride) total += Math.exp(z[p] - max);
      const shift = Math.log(total);
      let loss = 0;
      for (let p = start; p < end; p += stride) if (q[p] !== 0) loss += q[p] * (max - z[p] + shift);
      out.data[r] = loss;
    }
  },
  vjp(_attrs, [upstream], [z, q], _outputs, wants) {
    if (upstream === null) return [null, null];
    const u = unsqueeze(upstream, 1);
    const total = sum(q, { axis: 1, keepdims: true });
    return [
      wants[0] ? applyElementwise(LogitsGradient, NO_ATTRS, [u, total, softmax(z, 1), q]) : null,
      wants[1] ? neg(mul(u, logSoftmax(z, 1))) : null,
    ];
  },
};

/** u · (Σq · p − q). Of a sample without a target it is 0, whatever its logits and even where u is 1/0. */
const LogitsGradient: OpDef = elementwise({
  name: 'softmaxCrossEntropy.gradient',
  expr: (_, u, total, p, q) => call('chain', call('sub', call('chain', total, p), q), u),
});

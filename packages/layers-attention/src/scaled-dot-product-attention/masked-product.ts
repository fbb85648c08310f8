import { Problems, sameShape, type Shape, sizeOf } from '@lemmata/shape';
import {
  apply,
  isFloat,
  NO_ATTRS,
  offsets,
  type OpDef,
  type Spec,
  type Tensor,
  transpose,
  type View,
} from '@lemmata/tensor';

/*
 * The form Σ p[i, j] · q[i, d] · k[j, d] over all d and those pairs (i, j) where the mask holds. What the mask leaves out
 * is not multiplied by 0 but never read: NaN there reaches nothing. With one slot left open the form is one of the two
 * ops below, and its gradient by either of the slots that are filled is again one of them.
 */

/** (q [..., L, D], k [..., S, D], mask [..., L, S]) → p [..., L, S]: q[i] · k[j] where the mask holds, else 0. */
export const MaskedScores: OpDef = {
  name: 'maskedScores',
  linearIn: [0, 1],
  strided: true,
  multiplyAdds: (_attrs, [q], [p]) => sizeOf(p.shape) * q.shape.at(-1)!,
  infer(_attrs, q, k, mask) {
    const problems = new Problems('maskedScores');
    checkRanks(problems, { q, k, mask });
    const [L, S] = [q.shape.at(-2)!, k.shape.at(-2)!];
    if (q.shape.at(-1) !== k.shape.at(-1))
      problems.add({
        rule: 'rows of k must be as long as those of q',
        received: k.shape.at(-1),
        expected: q.shape.at(-1),
      });
    checkMask(problems, mask, [...q.shape.slice(0, -2), L, S]);
    problems.throwIfAny({ q: q.shape, k: k.shape, mask: mask.shape });
    return [{ shape: mask.shape, dtype: q.dtype }];
  },
  reference(_attrs, [q, k, mask], [out]) {
    const [L, S] = out.shape.slice(-2);
    const D = q.shape[q.shape.length - 1];
    const [qs, ks, ms] = [matrices(q), matrices(k), matrices(mask)];
    const [qd, kd, md, od] = [q.data, k.data, mask.data, out.data];
    for (let b = 0, o = 0; b < qs.starts.length; b++) {
      for (let i = 0; i < L; i++) {
        const qi = qs.starts[b] + i * qs.row;
        for (let j = 0, m = ms.starts[b] + i * ms.row; j < S; j++, m += ms.column) {
          let total = 0;
          if (md[m] !== 0) {
            let p = qi;
            let r = ks.starts[b] + j * ks.row;
            for (let d = 0; d < D; d++, p += qs.column, r += ks.column) total += qd[p] * kd[r];
          }
          od[o++] = total;
        }
      }
    }
  },
  vjp(_attrs, [upstream], [q, k, mask], _outputs, wants) {
    if (upstream === null) return [null, null, null];
    return [
      wants[0] ? maskedMix(upstream, k, mask) : null,
      wants[1] ? maskedMix(transpose(upstream), q, transpose(mask)) : null,
      null,
    ];
  },
};

/** (p [..., L, S], v [..., S, D], mask [..., L, S]) → [..., L, D]: Σ p[i, j] · v[j] over those j where the mask holds. */
export const MaskedMix: OpDef = {
  name: 'maskedMix',
  linearIn: [0, 1],
  strided: true,
  multiplyAdds: (_attrs, [p], [out]) => sizeOf(out.shape) * p.shape.at(-1)!,
  infer(_attrs, p, v, mask) {
    const problems = new Problems('maskedMix');
    checkRanks(problems, { p, v, mask });
    const [L, S, D] = [p.shape.at(-2)!, p.shape.at(-1)!, v.shape.at(-1)!];
    if (v.shape.at(-2) !== S)
      problems.add({ rule: 'v must have a row for each column of p', received: v.shape.at(-2), expected: S });
    checkMask(problems, mask, p.shape);
    problems.throwIfAny({ p: p.shape, v: v.shape, mask: mask.shape });
    return [{ shape: [...p.shape.slice(0, -2), L, D], dtype: p.dtype }];
  },
  reference(_attrs, [p, v, mask], [out]) {
    const [L, S] = p.shape.slice(-2);
    const D = out.shape[out.shape.length - 1];
    const [ps, vs, ms] = [matrices(p), matrices(v), matrices(mask)];
    const [pd, vd, md] = [p.data, v.data, mask.data];
    const totals = new Float64Array(D);
    for (let b = 0, o = 0; b < ps.starts.length; b++) {
      for (let i = 0; i < L; i++, o += D) {
        totals.fill(0);
        let m = ms.starts[b] + i * ms.row;
        let at = ps.starts[b] + i * ps.row;
        for (let j = 0; j < S; j++, m += ms.column, at += ps.column) {
          if (md[m] === 0) continue;
          const share = pd[at];
          for (let d = 0, r = vs.starts[b] + j * vs.row; d < D; d++, r += vs.column) totals[d] += share * vd[r];
        }
        out.data.set(totals, o);
      }
    }
  },
  vjp(_attrs, [upstream], [p, v, mask], _outputs, wants) {
    if (upstream === null) return [null, null, null];
    return [
      wants[0] ? maskedScores(upstream, v, mask) : null,
      wants[1] ? maskedMix(transpose(p), upstream, transpose(mask)) : null,
      null,
    ];
  },
};

export function maskedScores(q: Tensor, k: Tensor, mask: Tensor): Tensor {
  return apply(MaskedScores, NO_ATTRS, [q, k, mask])[0];
}

export function maskedMix(p: Tensor, v: Tensor, mask: Tensor): Tensor {
  return apply(MaskedMix, NO_ATTRS, [p, v, mask])[0];
}

interface Matrices {
  /** Where the matrix of each index of the leading axes starts. */
  readonly starts: Float64Array;
  readonly row: number;
  readonly column: number;
}

function matrices({ shape, strides, offset }: View): Matrices {
  const starts = offsets(shape.slice(0, -2), strides.slice(0, -2)).map((start) => start + offset);
  const [row, column] = strides.slice(-2);
  return { starts, row, column };
}

function checkRanks(problems: Problems, operands: Readonly<Record<string, Spec>>): void {
  const [first, second] = Object.values(operands);
  for (const [name, { shape }] of Object.entries(operands)) {
    if (shape.length < 2) problems.add({ rule: `${name} must have at least 2 axes`, received: shape.length });
  }
  problems.throwIfAny();
  if (!sameShape(first.shape.slice(0, -2), second.shape.slice(0, -2)))
    problems.add({ rule: 'the axes before the matrices must be equal', hint: 'Broadcast them first' });
  if (first.dtype !== second.dtype || !isFloat(first.dtype))
    problems.add({ rule: 'both matrices must be float32, or both float64', received: [first.dtype, second.dtype] });
}

function checkMask(problems: Problems, mask: Spec, expected: Shape): void {
  if (mask.dtype !== 'bool') problems.add({ rule: 'the mask must hold truth values', received: mask.dtype });
  if (!sameShape(mask.shape, expected))
    problems.add({ rule: 'the mask must have an element for each pair of rows', received: mask.shape, expected });
}

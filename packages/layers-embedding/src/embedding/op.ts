import { Problems, ValueError } from '@lemmata/shape';
import {
  apply,
  div,
  eq,
  IndexAdd,
  indexSelect,
  ones,
  type OpDef,
  type Tensor,
  unsqueeze,
  where,
} from '@lemmata/tensor';

export interface EmbeddingAttrs {
  /** The row that receives no gradient. */
  readonly paddingIdx: number | null;
  /** Divide the gradient of a row by the number of times that it is looked up. */
  readonly scaleGradByFreq: boolean;
}

/** (indices [...], weight [V, D]) → [..., D]: the row of each index. */
export const Embedding: OpDef<EmbeddingAttrs> = {
  name: 'embedding',
  linearIn: [1],
  infer(_attrs, indices, weight) {
    const problems = new Problems('embedding');
    if (indices.dtype !== 'int32')
      problems.add({
        rule: 'indices must be int32',
        received: indices.dtype,
        hint: "Convert with cast(indices, 'int32')",
      });
    if (weight.shape.length !== 2)
      problems.add({ rule: 'weight must be [rows, features]', received: weight.shape.length });
    problems.throwIfAny({ indices: indices.shape, weight: weight.shape });
    return [{ shape: [...indices.shape, weight.shape[1]], dtype: weight.dtype }];
  },
  reference(_attrs, [indices, weight], [out]) {
    const [rows, features] = weight.shape;
    const { data } = indices;
    for (let i = 0; i < data.length; i++) {
      const row = data[i];
      if (row < 0 || row >= rows) throw outOfRange(row, rows);
      out.data.set(weight.data.subarray(row * features, (row + 1) * features), i * features);
    }
  },
  vjp({ paddingIdx, scaleGradByFreq }, [upstream], [indices, weight]) {
    if (upstream === null) return [null, null];
    const size = weight.shape[0];
    const add = (x: Tensor): Tensor => apply(IndexAdd, { axis: 0, size }, [x, indices])[0];
    let rows = upstream;
    if (scaleGradByFreq) {
      const counts = add(ones(indices.shape, weight.dtype));
      rows = div(rows, unsqueeze(indexSelect(counts, 0, indices), -1));
    }
    if (paddingIdx !== null) rows = where(unsqueeze(eq(indices, paddingIdx), -1), 0, rows);
    return [null, add(rows)];
  },
};

function outOfRange(index: number, rows: number): ValueError {
  const range = rows === 0 ? 'there is none' : `indices count from 0 to ${rows - 1}`;
  return new ValueError('embedding', `index ${index} is out of range for the ${rows} rows of weight; ${range}`);
}

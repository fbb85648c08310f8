import { add, key, matmul, randomNormal, sub, sum, tensor, transpose, type Tensor } from '@lemmata/tensor';

/** The mean of rows of numbers, and the directions in which they vary most. */
export interface Pca {
  /** [features]. */
  readonly mean: Tensor;
  /** [features, components], orthonormal columns; 0 beyond as many as the rows span. */
  readonly directions: Tensor;
}

/**
 * Principal components, by subspace iteration on the covariance matrix in float64: a block of vectors is multiplied by
 * it and made orthonormal again until it lies along the largest eigenvectors.
 *
 * @param batches rows [n, features] at a time.
 */
export function pca(batches: Iterable<Tensor>, components: number, iterations = 60): Pca {
  let count = 0;
  let total: Float64Array | null = null;
  let products: Float64Array | null = null;
  for (const x of batches) {
    const features = x.shape[1]!;
    total ??= new Float64Array(features);
    products ??= new Float64Array(features * features);
    addTo(total, sum(x, { axis: 0 }).dataSync());
    addTo(products, matmul(transpose(x), x).dataSync());
    count += x.shape[0]!;
  }
  const n = total!.length;
  const mean = total!.map((v) => v / count);
  const covariance = products!.map((v, i) => v / count - mean[Math.floor(i / n)]! * mean[i % n]!);
  const matrix = tensor(covariance, { shape: [n, n] });
  let block = orthonormal(
    Float64Array.from(randomNormal(key(0), [n, components], { dtype: 'float64' }).dataSync()),
    components,
  );
  for (let i = 0; i < iterations; i++) {
    const turned = matmul(matrix, tensor(block, { shape: [n, components] })).dataSync();
    block = orthonormal(Float64Array.from(turned), components);
  }
  return {
    mean: tensor(Float32Array.from(mean), { shape: [n] }),
    directions: tensor(Float32Array.from(block), { shape: [n, components] }),
  };
}

/** Rows [n, features] as seen through the components alone. */
export function project(x: Tensor, { mean, directions }: Pca): Tensor {
  const codes = matmul(sub(x, mean), directions);
  return add(matmul(codes, transpose(directions)), mean);
}

function addTo(into: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < into.length; i++) into[i]! += values[i]!;
}

/** Columns made orthonormal, each against those before it; 0 where nothing but rounding is left of one. */
function orthonormal(block: Float64Array, columns: number): Float64Array {
  const rows = block.length / columns;
  const dot = (a: number, b: number): number => {
    let result = 0;
    for (let r = 0; r < rows; r++) result += block[r * columns + a]! * block[r * columns + b]!;
    return result;
  };
  for (let c = 0; c < columns; c++) {
    const before = Math.sqrt(dot(c, c));
    for (let b = 0; b < c; b++) {
      const share = dot(b, c);
      for (let r = 0; r < rows; r++) block[r * columns + c]! -= share * block[r * columns + b]!;
    }
    const length = Math.sqrt(dot(c, c));
    for (let r = 0; r < rows; r++)
      block[r * columns + c] = length > 1e-9 * before ? block[r * columns + c]! / length : 0;
  }
  return block;
}

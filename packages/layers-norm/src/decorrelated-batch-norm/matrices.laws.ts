import { type NdArray, noise } from '@lemmata/laws';
import { tensor, type Tensor } from '@lemmata/tensor';

/** Rows of small matrices: enough for an oracle. */
export type Matrix = readonly (readonly number[])[];

export const indices = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
export const made = (size: number, f: (i: number, j: number) => number): Matrix =>
  indices(size).map((i) => indices(size).map((j) => f(i, j)));
export const product = (a: Matrix, b: Matrix): Matrix =>
  made(a.length, (i, j) => a[i].reduce((total, v, k) => total + v * b[k][j], 0));
export const turned = (a: Matrix): Matrix => made(a.length, (i, j) => a[j][i]);
export const asTensor = (a: Matrix): Tensor => tensor(a.flat(), { shape: [a.length, a.length], dtype: 'float64' });

/** The matrices of an array [..., d, d], each with its symmetric part if asked for. */
export function matrices({ shape, data }: NdArray, symmetric: boolean): Matrix[] {
  const d = shape[shape.length - 1];
  return indices(data.length / (d * d)).map((m) =>
    made(d, (i, j) => {
      const at = (p: number, q: number): number => data[m * d * d + p * d + q];
      return symmetric ? (at(i, j) + at(j, i)) / 2 : at(i, j);
    }),
  );
}

/** Gauss's elimination with pivots: a⁻¹ b for columns b. */
export function solve(a: Matrix, b: Matrix): number[][] {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...b[i]]);
  for (let c = 0; c < n; c++) {
    const best = indices(n)
      .slice(c)
      .reduce((p, r) => (Math.abs(rows[r][c]) > Math.abs(rows[p][c]) ? r : p), c);
    [rows[c], rows[best]] = [rows[best], rows[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r][c] / rows[c][c];
      rows[r] = rows[r].map((v, k) => v - factor * rows[c][k]);
    }
  }
  return rows.map((row, i) => row.slice(n).map((v) => v / row[i]));
}

/** Square root and its inverse by the iteration of Denman and Beavers, which knows no eigenvalues. */
export function roots(a: Matrix): [Matrix, Matrix] {
  const d = a.length;
  const one = made(d, (i, j) => Number(i === j));
  let [y, z] = [a, one];
  for (let step = 0; step < 30; step++) {
    const [before, inverseY, inverseZ] = [y, solve(y, one), solve(z, one)];
    y = made(d, (i, j) => (before[i][j] + inverseZ[i][j]) / 2);
    z = made(d, (i, j) => (z[i][j] + inverseY[i][j]) / 2);
  }
  return [y, z];
}

/** A rotation of space, as a product of three rotations of planes. */
export function rotation(seed: number): Matrix {
  const angles = noise(3, seed, 9);
  return [0, 1, 2].reduce<Matrix>(
    (all, axis) => {
      const [c, s] = [Math.cos(4 * angles[axis]), Math.sin(4 * angles[axis])];
      const [p, q] = [(axis + 1) % 3, (axis + 2) % 3];
      const plane = made(3, (i, j) => {
        if (i === axis || j === axis) return Number(i === j);
        if (i === j) return c;
        return i === p && j === q ? -s : s;
      });
      return product(all, plane);
    },
    made(3, (i, j) => Number(i === j)),
  );
}

import type { TypedArray } from '../spec.js';

/** A matrix inside an array: element (i, j) is `data[offset + i · rowStride + j · columnStride]`. */
export interface MatrixView {
  readonly data: TypedArray;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Rows and columns of C that are computed at a time (a multiple of TILE), and steps along K: what is packed fits the second-level cache. */
const BLOCK = 96;
const DEPTH = 256;
/** Rows and columns that the innermost loop holds in registers: nine totals and their factors fill the sixteen of x86-64. */
const TILE = 3;

const packedA = new Float64Array(BLOCK * DEPTH);
const packedB = new Float64Array(BLOCK * DEPTH);
const totals = new Float64Array(BLOCK * BLOCK);

/**
 * C = A · B for A of m×k and B of k×n, whatever their strides. Sums are taken in float64 in the order of k and rounded
 * once, so that the result does not depend on how it is blocked. What C held is overwritten.
 *
 * Panels of A and B are packed as float64: the engine then converts each element once instead of at each of its uses.
 */
export function gemm(m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView): void {
  if (m < TILE || n < TILE) {
    // Cᵀ = Bᵀ · Aᵀ, so that the longer side is walked by the inner loop.
    if (n >= m) thin(m, n, k, a, b, c);
    else thin(n, m, k, transposed(b), transposed(a), transposed(c));
    return;
  }
  for (let j0 = 0; j0 < n; j0 += BLOCK) {
    const columns = Math.min(BLOCK, n - j0);
    for (let i0 = 0; i0 < m; i0 += BLOCK) {
      const rows = Math.min(BLOCK, m - i0);
      for (let i = 0; i < rows; i++) totals.fill(0, i * BLOCK, i * BLOCK + columns);
      for (let k0 = 0; k0 < k; k0 += DEPTH) {
        const depth = Math.min(DEPTH, k - k0);
        packPanels(
          a.data,
          a.offset + i0 * a.rowStride + k0 * a.columnStride,
          a.rowStride,
          a.columnStride,
          rows,
          depth,
          packedA,
        );
        packPanels(
          b.data,
          b.offset + k0 * b.rowStride + j0 * b.columnStride,
          b.columnStride,
          b.rowStride,
          columns,
          depth,
          packedB,
        );
        for (let j = 0; j < columns; j += TILE) {
          for (let i = 0; i < rows; i += TILE) tile(depth, i * depth, j * depth, i * BLOCK + j);
        }
      }
      store(c.data, c.offset + i0 * c.rowStride + j0 * c.columnStride, c.rowStride, c.columnStride, rows, columns);
    }
  }
}

function transposed(x: MatrixView): MatrixView {
  return { data: x.data, offset: x.offset, rowStride: x.columnStride, columnStride: x.rowStride };
}

/**
 * `count` lines of `depth` elements as panels of {@link TILE} lines, in which the elements at one depth lie side by side.
 * The last panel is filled up with zeros, whose products are never stored.
 */
function packPanels(
  data: TypedArray,
  offset: number,
  lineStride: number,
  depthStride: number,
  count: number,
  depth: number,
  out: Float64Array,
): void {
  let to = 0;
  for (let line = 0; line < count; line += TILE, to += TILE * depth) {
    for (let r = 0; r < TILE; r++) {
      let o = to + r;
      if (line + r < count) {
        for (let d = 0, p = offset + (line + r) * lineStride; d < depth; d++, p += depthStride, o += TILE)
          out[o] = data[p];
      } else {
        for (let d = 0; d < depth; d++, o += TILE) out[o] = 0;
      }
    }
  }
}

/** Adds the product of one panel of A and one of B to a tile of the totals. */
function tile(depth: number, a: number, b: number, t: number): void {
  const A = packedA;
  const B = packedB;
  const T = totals;
  const u = t + BLOCK;
  const v = u + BLOCK;
  let c00 = T[t];
  let c01 = T[t + 1];
  let c02 = T[t + 2];
  let c10 = T[u];
  let c11 = T[u + 1];
  let c12 = T[u + 2];
  let c20 = T[v];
  let c21 = T[v + 1];
  let c22 = T[v + 2];
  const end = a + TILE * depth;
  for (; a < end; a += TILE, b += TILE) {
    const b0 = B[b];
    const b1 = B[b + 1];
    const b2 = B[b + 2];
    const a0 = A[a];
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    const a1 = A[a + 1];
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    const a2 = A[a + 2];
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
  }
  T[t] = c00;
  T[t + 1] = c01;
  T[t + 2] = c02;
  T[u] = c10;
  T[u + 1] = c11;
  T[u + 2] = c12;
  T[v] = c20;
  T[v + 1] = c21;
  T[v + 2] = c22;
}

function store(
  data: TypedArray,
  offset: number,
  rowStride: number,
  columnStride: number,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    let p = offset + i * rowStride;
    for (let j = 0, t = i * BLOCK; j < columns; j++, p += columnStride) data[p] = totals[t + j];
  }
}

/** Few rows: nothing is used often enough to be packed. B is read along the axis on which its elements lie closer. */
function thin(m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView): void {
  const along = Math.abs(b.rowStride) < Math.abs(b.columnStride);
  for (let i = 0; i < m; i++) {
    const ai = a.offset + i * a.rowStride;
    const ci = c.offset + i * c.rowStride;
    if (along) dots(n, k, a.data, ai, a.columnStride, b, c.data, ci, c.columnStride);
    else rowSums(n, k, a.data, ai, a.columnStride, b, c.data, ci, c.columnStride);
  }
}

function dots(
  n: number,
  k: number,
  a: TypedArray,
  ai: number,
  aStep: number,
  b: MatrixView,
  c: TypedArray,
  ci: number,
  cStep: number,
): void {
  const { data, offset, rowStride, columnStride } = b;
  for (let j = 0; j < n; j++) {
    let total = 0;
    for (let d = 0, p = ai, q = offset + j * columnStride; d < k; d++, p += aStep, q += rowStride)
      total += a[p] * data[q];
    c[ci + j * cStep] = total;
  }
}

function rowSums(
  n: number,
  k: number,
  a: TypedArray,
  ai: number,
  aStep: number,
  b: MatrixView,
  c: TypedArray,
  ci: number,
  cStep: number,
): void {
  const { data, offset, rowStride, columnStride } = b;
  for (let j0 = 0; j0 < n; j0 += totals.length) {
    const count = Math.min(totals.length, n - j0);
    totals.fill(0, 0, count);
    for (let d = 0; d < k; d++) {
      const x = a[ai + d * aStep];
      for (let j = 0, q = offset + d * rowStride + j0 * columnStride; j < count; j++, q += columnStride)
        totals[j] += x * data[q];
    }
    for (let j = 0, p = ci + j0 * cStep; j < count; j++, p += cStep) c[p] = totals[j];
  }
}

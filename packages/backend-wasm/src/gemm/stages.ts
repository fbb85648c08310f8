import { stage, type Stage } from '../code.js';
import { COLUMNS, evenPanels } from './micro.js';
import { packA, packB } from './pack.js';
import { product } from './product.js';
import { thin, THIN_ROWS, thinColumns, type ThinLayout } from './thin.js';

/** A matrix of float32 in memory, and the distance to the next of a batch. In bytes. */
export interface MatrixAt {
  readonly at: number;
  readonly rowStride: number;
  readonly columnStride: number;
  readonly batchStride: number;
}

export interface GemmShape {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Terms of a sum that are added up before the next block of the operands is taken. */
const DEPTH = 512;
/** Panels of a whose block (8 × 6 rows × 512 × 4 bytes = 96 KiB) stays in the second-level cache. */
const ROW_BLOCK = 8;
/** Panels of b in one unit of work. */
const COLUMN_BLOCK = 32;

const panelsOf = (columns: number): number => Math.ceil(columns / COLUMNS);

/** Bytes that the packed operands take. */
export function gemmScratch({ batch, m, n, k }: GemmShape): number {
  return 4 * batch * k * (m + panelsOf(n) * COLUMNS);
}

/** The matrices turned round: cᵀ = bᵀ · aᵀ. */
function turned({ at, rowStride, columnStride, batchStride }: MatrixAt): MatrixAt {
  return { at, rowStride: columnStride, columnStride: rowStride, batchStride };
}

/** A product with few rows, or null where b is too narrow, or lies in no order that vectors can read. */
function thinStage({ batch, m, n, k }: GemmShape, a: MatrixAt, b: MatrixAt, c: MatrixAt): Stage | null {
  if (m > THIN_ROWS || k === 0) return null;
  let layout: ThinLayout;
  if (b.columnStride === 4 && n >= 4) layout = 'rows';
  else if (b.rowStride === 4 && n >= 8 && m <= 2) layout = 'columns';
  else return null;
  const columns = thinColumns(m, n, layout);
  const tiles = Math.ceil(n / columns);
  return stage(
    thin(m, columns, layout, c.columnStride !== 4),
    {
      a: a.at,
      b: b.at,
      c: c.at,
      k,
      n,
      aRow: a.rowStride,
      aDepth: a.columnStride,
      bColumn: b.columnStride,
      bDepth: b.rowStride,
      cRow: c.rowStride,
      cColumn: c.columnStride,
      aBatch: a.batchStride,
      bBatch: b.batchStride,
      cBatch: c.batchStride,
      tiles,
    },
    batch * tiles,
    (m * columns * k) / 15,
  );
}

/** c = a · b: c[m][n] with rows `pitch` bytes apart, for each matrix of the batch. `scratch` holds {@link gemmScratch} bytes. */
export function gemmStages(shape: GemmShape, a: MatrixAt, b: MatrixAt, c: MatrixAt, scratch: number): Stage[] {
  const { batch, m, n, k } = shape;
  const few = thinStage(shape, a, b, c) ?? thinStage({ batch, m: n, n: m, k }, turned(b), turned(a), turned(c));
  if (few !== null) return [few];
  const { count: rowPanels, height, tall } = evenPanels(m);
  const columnPanels = panelsOf(n);
  const aBytes = 4 * m * k;
  const bBytes = 4 * columnPanels * COLUMNS * k;
  const bAt = scratch + batch * aBytes;
  const rowBlocks = Math.ceil(rowPanels / ROW_BLOCK);
  const columnBlocks = Math.ceil(columnPanels / COLUMN_BLOCK);
  return [
    stage(
      packA[height],
      {
        from: a.at,
        to: scratch,
        along: m,
        depth: k,
        alongStride: a.rowStride,
        depthStride: a.columnStride,
        batchStride: a.batchStride,
        panels: rowPanels,
        tall,
      },
      batch * rowPanels,
      height * k,
    ),
    stage(
      packB,
      {
        from: b.at,
        to: bAt,
        along: n,
        depth: k,
        alongStride: b.columnStride,
        depthStride: b.rowStride,
        batchStride: b.batchStride,
        panels: columnPanels,
        tall: columnPanels,
      },
      batch * columnPanels,
      COLUMNS * k,
    ),
    stage(
      product[height],
      {
        a: scratch,
        b: bAt,
        c: c.at,
        n,
        k,
        pitch: c.rowStride,
        tall,
        rowPanels,
        columnPanels,
        rowBlock: ROW_BLOCK,
        columnBlock: COLUMN_BLOCK,
        depthBlock: Math.max(1, evenPieces(k, DEPTH)),
        rowBlocks,
        columnBlocks,
        aBytes,
        bBytes,
        cBytes: c.batchStride,
      },
      batch * rowBlocks * columnBlocks,
      ((m / rowBlocks) * (n / columnBlocks) * k) / 20,
    ),
  ];
}

/** The size of the pieces if `total` is cut into as few equal ones as `limit` allows. */
function evenPieces(total: number, limit: number): number {
  return Math.ceil(total / Math.max(1, Math.ceil(total / limit)));
}

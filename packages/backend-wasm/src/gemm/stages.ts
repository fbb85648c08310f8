import { once, stage, type Stage } from '../code.js';
import { COLUMNS, evenPanels, evenPieces } from './micro.js';
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

/** Bytes that the packed left operand takes. */
export function gemmScratch({ batch, m, k }: GemmShape): number {
  return 4 * batch * m * k;
}

/** Bytes that the packed right operand takes, unless both are read as they lie. */
export function gemmKept(shape: GemmShape, a: MatrixAt, b: MatrixAt): number {
  const { batch, m, n, k } = shape;
  const thin = thinLayout(shape, b) ?? thinLayout({ batch, m: n, n: m, k }, turned(a));
  return thin === null ? 4 * batch * panelsOf(n) * COLUMNS * k : 0;
}

/** The matrices turned round: cᵀ = bᵀ · aᵀ. */
function turned({ at, rowStride, columnStride, batchStride }: MatrixAt): MatrixAt {
  return { at, rowStride: columnStride, columnStride: rowStride, batchStride };
}

/** How b lies in a product with few rows, or null where there are more, b is too narrow, or lies in no order that vectors can read. */
function thinLayout({ m, n, k }: GemmShape, b: MatrixAt): ThinLayout | null {
  if (m > THIN_ROWS || k === 0) return null;
  if (b.columnStride === 4 && n >= 4) return 'rows';
  return b.rowStride === 4 && n >= 8 && m <= 2 ? 'columns' : null;
}

/** A product with few rows. */
function thinStage(shape: GemmShape, a: MatrixAt, b: MatrixAt, c: MatrixAt): Stage | null {
  const { batch, m, n, k } = shape;
  const layout = thinLayout(shape, b);
  if (layout === null) return null;
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

/**
 * c = a · b: c[m][n] with rows `pitch` bytes apart, for each matrix of the batch. `scratch` holds {@link gemmScratch} bytes, `kept` {@link gemmKept}
 * of what depends on b alone.
 */
export function gemmStages(
  shape: GemmShape,
  a: MatrixAt,
  b: MatrixAt,
  c: MatrixAt,
  scratch: number,
  kept: number,
): Stage[] {
  const { batch, m, n, k } = shape;
  const few = thinStage(shape, a, b, c) ?? thinStage({ batch, m: n, n: m, k }, turned(b), turned(a), turned(c));
  if (few !== null) return [few];
  const { count: rowPanels, height, tall } = evenPanels(m);
  const columnPanels = panelsOf(n);
  const aBytes = 4 * m * k;
  const bBytes = 4 * columnPanels * COLUMNS * k;
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
    once(
      stage(
        packB,
        {
          from: b.at,
          to: kept,
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
    ),
    stage(
      product[height],
      {
        a: scratch,
        b: kept,
        c: c.at,
        n,
        k,
        pitch: c.rowStride,
        tall,
        rowPanels,
        columnPanels,
        rowBlock: ROW_BLOCK,
        columnBlock: COLUMN_BLOCK,
        depthBlock: evenPieces(k, DEPTH),
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
